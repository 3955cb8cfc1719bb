#pragma once

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime::test {

/// A figure 75 pixels tall that walks at constant speed, swinging its legs.
struct Walker {
  double x = 0, step = 0;  ///< the middle of its body in frame 0, and its motion a frame
  double feet = 110;       ///< row
  double width = 22;       ///< of its body
  bool is_block = false;   ///< a block as high as the street instead
};

inline constexpr Size kStreet{240, 130};
inline constexpr int kGaitFrames = 10;

/// CV_8U, whole, as if nobody else were there.
inline cv::Mat figure(const Walker& walker, int t) {
  cv::Mat mask = cv::Mat::zeros(kStreet.height, kStreet.width, CV_8U);
  if (walker.is_block) {
    const int left = cvRound(walker.x - walker.width / 2);
    mask.colRange(left, left + cvRound(walker.width)).rowRange(20, cvRound(walker.feet)).setTo(255);
    return mask;
  }
  const double swing = 14 * std::sin(2 * CV_PI * t / kGaitFrames);
  const cv::Point hip(cvRound(walker.x + walker.step * t), cvRound(walker.feet - 30));
  for (const double side : {swing, -swing}) cv::line(mask, hip, {hip.x + cvRound(side), cvRound(walker.feet)}, 255, 8);
  cv::ellipse(mask, {hip.x, hip.y - 14}, {cvRound(walker.width / 2), 20}, 0, 0, 360, 255, cv::FILLED);
  cv::circle(mask, {hip.x, hip.y - 38}, 7, 255, cv::FILLED);
  return mask;
}

/// Masks of walkers, the last one in front: whole ones, and what a frame shows.
struct Walk {
  std::vector<MaskTrack> whole, visible;

  Walk(const std::vector<Walker>& walkers, int frames) {
    for (std::size_t i = 0; i < walkers.size(); ++i)
      whole.push_back(
          {std::string(1, static_cast<char>('a' + i)), std::vector<BoxMask>(static_cast<std::size_t>(frames))});
    visible = whole;
    for (int t = 0; t < frames; ++t) {
      cv::Mat front = cv::Mat::zeros(kStreet.height, kStreet.width, CV_8U);
      for (std::size_t i = walkers.size(); i-- > 0;) {
        const cv::Mat mask = figure(walkers[i], t);
        whole[i].frames[static_cast<std::size_t>(t)] = box_mask_from_full(mask);
        visible[i].frames[static_cast<std::size_t>(t)] = box_mask_from_full(mask & ~front);
        front |= mask;
      }
    }
  }
};

/// Share of two masks' union that they have in common.
inline double agreement(const BoxMask& a, const BoxMask& b) {
  const cv::Mat x = full_mask(a, kStreet), y = full_mask(b, kStreet);
  return static_cast<double>(cv::countNonZero(x & y)) / std::max(1, cv::countNonZero(x | y));
}

/// Two who meet in frame 20 of 40; the second is in front.
inline Walk crossing() { return Walk({{40, 4}, {200, -4}}, 40); }

}  // namespace retime::test

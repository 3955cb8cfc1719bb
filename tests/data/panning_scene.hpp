#pragma once

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <random>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/masks/mask_track.hpp"
#include "format/scene.hpp"

namespace retime::test {

/// A disc that crosses a textured wall, seen by a camera that pans, rolls and tilts, with noise. The wall is a picture
/// larger than the frames; frames are twice the training size of 96 x 64.
class PanningScene : public FrameSequence {
 public:
  explicit PanningScene(int count, double pan = 2.0) : wall_(420, 560, CV_8UC3) {
    std::mt19937 random(3);
    std::uniform_int_distribution<int> level(-40, 40);
    cv::Mat grain(wall_.size(), CV_32FC3);
    for (auto p = grain.begin<cv::Vec3f>(); p != grain.end<cv::Vec3f>(); ++p)
      for (int c = 0; c < 3; ++c) (*p)[c] = static_cast<float>(130 + 4 * level(random) + 10 * c);
    cv::GaussianBlur(grain, grain, {0, 0}, 2.5);
    for (int i = 0; i < 60; ++i) {
      const cv::Rect box(level(random) * 6 + 260, level(random) * 5 + 200, 14 + i % 9, 10 + i % 7);
      cv::rectangle(grain, box, cv::Scalar(60 + 2 * i, 170 - i, 80 + i), cv::FILLED);
    }
    cv::GaussianBlur(grain, grain, {0, 0}, 0.8);
    grain.convertTo(wall_, CV_8U);
    for (int t = 0; t < count; ++t) {
      const double a = 0.004 * t, x = pan * t, y = 1.5 * std::sin(0.7 * t) * (pan > 0);
      const cv::Matx33d roll(std::cos(a), -std::sin(a), 0, std::sin(a), std::cos(a), 0, 2e-6 * x, 0, 1);
      const cv::Matx33d h = roll * cv::Matx33d(1, 0, -x, 0, 1, -y, 0, 0, 1);
      full_from_plane_.push_back(pan > 0 ? h : cv::Matx33d::eye());
      frames_.push_back(render(t));
    }
  }

  int count() const override { return static_cast<int>(frames_.size()); }
  Size size() const override { return {192, 128}; }
  Size training_size() const { return {96, 64}; }
  cv::Mat frame(int index) const override { return frames_.at(static_cast<std::size_t>(index)).clone(); }

  /// The true camera, bounds left empty.
  CameraPath camera() const {
    CameraPath path;
    for (const auto& h : full_from_plane_) {
      Homography pixels;
      std::copy_n(h.val, 9, pixels.begin());
      path.frame_from_plane.push_back(in_scaled_pixels(pixels, 0.5, 0.5));
    }
    return path;
  }

  /// Frame `t` without the disc and without noise.
  cv::Mat background(int t) const {
    const cv::Matx33d wall_from_plane(1, 0, 120, 0, 1, 130, 0, 0, 1);
    const cv::Matx33d wall_from_frame = wall_from_plane * full_from_plane_[static_cast<std::size_t>(t)].inv();
    cv::Mat view;
    cv::warpPerspective(wall_, view, wall_from_frame, cv::Size(192, 128), cv::INTER_CUBIC | cv::WARP_INVERSE_MAP);
    return view;
  }

  cv::Mat mask(int t) const {
    cv::Mat mask = cv::Mat::zeros(128, 192, CV_8U);
    cv::circle(mask, {20 + 9 * t, 70}, 15, 255, cv::FILLED);
    return mask;
  }

  std::vector<MaskTrack> tracks() const {
    MaskTrack track;
    for (int t = 0; t < count(); ++t) track.frames.push_back(box_mask_from_full(mask(t)));
    return {track};
  }

 private:
  cv::Mat render(int t) const {
    cv::Mat picture, noise(128, 192, CV_32FC3), frame;
    background(t).convertTo(picture, CV_32F);
    picture.setTo(cv::Scalar(220, 40, 40), mask(t));
    cv::RNG random(static_cast<std::uint64_t>(t) + 1);
    random.fill(noise, cv::RNG::NORMAL, 0.0, 1.0);
    cv::Mat(picture + noise).convertTo(frame, CV_8U);
    return frame;
  }

  cv::Mat wall_;
  std::vector<cv::Matx33d> full_from_plane_;
  std::vector<cv::Mat> frames_;
};

/// Largest distance, in pixels of the training size, between where two cameras have a frame's corners.
inline double path_error(const CameraPath& a, const CameraPath& b, Size size) {
  double worst = 0;
  for (std::size_t t = 0; t < a.frame_from_plane.size(); ++t) {
    const Homography difference = product(a.frame_from_plane[t], inverse(b.frame_from_plane[t]));
    for (const double x : {0.0, size.width - 1.0})
      for (const double y : {0.0, size.height - 1.0}) {
        const PlanePoint p = project(difference, {x, y});
        worst = std::max(worst, std::hypot(p.x - x, p.y - y));
      }
  }
  return worst;
}

}  // namespace retime::test

#pragma once

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <random>
#include <vector>

#include "data/decode/frame_source.hpp"
#include "data/masks/mask_track.hpp"

namespace retime::test {

/// A coloured disc with a soft shadow below it, moving at constant speed while it is there.
struct Disc {
  cv::Point2f start, step;  // centre in frame 0 and its motion a frame
  float radius = 14.F;
  cv::Scalar colour;
  int first = 0, last = 1000;  // frames in which it is in the scene
};

/// Discs over a textured background, with noise and an exposure that drifts. Later discs are nearer.
class DiscScene : public FrameSequence {
 public:
  DiscScene(int count, std::vector<Disc> discs, float drift = 0.1F)
      : discs_(std::move(discs)), drift_(drift), background_(size_.height, size_.width, CV_8UC3) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> level(-25, 25);
    cv::Mat grain(size_.height, size_.width, CV_32FC3);
    for (auto p = grain.begin<cv::Vec3f>(); p != grain.end<cv::Vec3f>(); ++p) {
      for (int c = 0; c < 3; ++c) (*p)[c] = static_cast<float>(150 + 3 * level(random) - 20 * c);
    }
    cv::GaussianBlur(grain, grain, {0, 0}, 1.5);
    cv::rectangle(grain, {30, 40, 50, 60}, cv::Scalar(90, 110, 120), cv::FILLED);
    cv::rectangle(grain, {130, 20, 12, 90}, cv::Scalar(190, 180, 170), cv::FILLED);
    grain.convertTo(background_, CV_8U);
    for (int t = 0; t < count; ++t) frames_.push_back(render(t));
  }

  int count() const override { return static_cast<int>(frames_.size()); }
  Size size() const override { return size_; }
  cv::Mat frame(int index) const override { return frames_.at(static_cast<std::size_t>(index)).clone(); }

  const cv::Mat& background() const { return background_; }
  float gain(int t) const { return 1.F + drift_ * std::sin(0.2F * static_cast<float>(t)); }
  cv::Point2f centre(std::size_t disc, int t) const {
    return discs_[disc].start + static_cast<float>(t) * discs_[disc].step;
  }

  /// The true masks.
  std::vector<MaskTrack> tracks() const {
    std::vector<MaskTrack> tracks(discs_.size());
    for (std::size_t i = 0; i < discs_.size(); ++i) {
      for (int t = 0; t < count(); ++t) tracks[i].frames.push_back(box_mask_from_full(mask(i, t)));
    }
    return tracks;
  }

  cv::Mat mask(std::size_t disc, int t) const {
    cv::Mat mask = cv::Mat::zeros(size_.height, size_.width, CV_8U);
    const Disc& d = discs_[disc];
    if (t < d.first || t > d.last) return mask;
    cv::circle(mask, centre(disc, t), cvRound(d.radius), 255, cv::FILLED);
    for (std::size_t nearer = disc + 1; nearer < discs_.size(); ++nearer) mask.setTo(0, this->mask(nearer, t));
    return mask;
  }

  /// Share of the light that the shadow leaves, CV_32F.
  cv::Mat shade(int t) const {
    cv::Mat shade = cv::Mat::ones(size_.height, size_.width, CV_32F);
    for (std::size_t i = 0; i < discs_.size(); ++i) {
      const Disc& d = discs_[i];
      if (t < d.first || t > d.last) continue;
      cv::Mat dark = cv::Mat::zeros(shade.size(), CV_32F);
      const cv::Point2f below = centre(i, t) + cv::Point2f(0.F, 1.1F * d.radius);
      cv::ellipse(dark, cv::RotatedRect(below, {2.4F * d.radius, 0.9F * d.radius}, 0.F), 0.4, cv::FILLED);
      cv::GaussianBlur(dark, dark, {0, 0}, 3.0);
      shade = shade.mul(1.0 - dark);
    }
    return shade;
  }

 private:
  cv::Mat render(int t) const {
    cv::Mat picture, shades;
    background_.convertTo(picture, CV_32F);
    const cv::Mat light = shade(t);
    cv::merge(std::vector<cv::Mat>{light, light, light}, shades);
    picture = picture.mul(shades);
    for (std::size_t i = 0; i < discs_.size(); ++i) picture.setTo(discs_[i].colour, mask(i, t));
    picture *= gain(t);
    cv::Mat noise(picture.size(), CV_32FC3);
    cv::RNG random(static_cast<std::uint64_t>(t) + 1);
    random.fill(noise, cv::RNG::NORMAL, 0.0, 1.0);
    cv::Mat frame;
    cv::Mat(picture + noise).convertTo(frame, CV_8U);
    return frame;
  }

  Size size_{192, 128};
  std::vector<Disc> discs_;
  float drift_;
  cv::Mat background_;
  std::vector<cv::Mat> frames_;
};

inline const cv::Scalar kRed(210, 40, 40), kBlue(40, 60, 220), kGreen(30, 160, 40);

/// Share of two masks' union that they have in common.
inline double overlap(const cv::Mat& a, const cv::Mat& b) {
  return static_cast<double>(cv::countNonZero(a & b)) / std::max(1, cv::countNonZero(a | b));
}

inline double mean_difference(const cv::Mat& a, const cv::Mat& b, const cv::Mat& where = {}) {
  cv::Mat difference;
  cv::absdiff(a, b, difference);
  const cv::Scalar mean = cv::mean(difference, where);
  return (mean[0] + mean[1] + mean[2]) / 3.0;
}

}  // namespace retime::test

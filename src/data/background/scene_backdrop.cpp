#include "data/background/scene_backdrop.hpp"

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr double kMisregistration = 0.15;  // pixels by which frame and plate may be out of line

/// Length of the steepest channel's gradient, in levels a pixel, CV_32F.
cv::Mat steepness(const cv::Mat& picture) {
  cv::Mat dx, dy, steepest = cv::Mat::zeros(picture.size(), CV_32F);
  cv::Scharr(picture, dx, CV_32F, 1, 0, 1.0 / 32);
  cv::Scharr(picture, dy, CV_32F, 0, 1, 1.0 / 32);
  for (int c = 0; c < picture.channels(); ++c) {
    cv::Mat x, y, length;
    cv::extractChannel(dx, x, c);
    cv::extractChannel(dy, y, c);
    cv::magnitude(x, y, length);
    cv::max(steepest, length, steepest);
  }
  return steepest;
}

}  // namespace

SceneBackdrop::SceneBackdrop(const FrameSequence& source, const std::vector<MaskTrack>& tracks,
                             const CameraPath& camera, Size training_size, bool show_progress)
    : plane_(camera, training_size, source.size()),
      plate_(estimate_plate(source, tracks, plane_, {.show_progress = show_progress})),
      lighting_(
          estimate_lighting(source, plate_.color, plate_.observed, tracks, plane_, {.show_progress = show_progress})) {}

Backdrop SceneBackdrop::frame(int frame) const {
  const FrameLighting& lighting = lighting_.at(static_cast<std::size_t>(frame));
  Backdrop backdrop;
  backdrop.color = lit_plate(plane_.to_frame(plate_.color, frame, cv::INTER_LANCZOS4), lighting);
  backdrop.observed = plane_.to_frame(plate_.observed, frame, cv::INTER_NEAREST);
  backdrop.noise = plane_.to_frame(plate_.noise, frame, cv::INTER_LINEAR);
  if (plane_.moves()) cv::magnitude(backdrop.noise, kMisregistration * steepness(backdrop.color), backdrop.noise);
  return backdrop;
}

SceneLighting SceneBackdrop::lighting() const {
  SceneLighting lighting;
  const auto& first = lighting_.front().field;
  if (!first.empty()) lighting.grid = {first.cols, first.rows};
  for (const auto& light : lighting_) {
    lighting.gain.insert(lighting.gain.end(), light.gain.val, light.gain.val + 3);
    for (int y = 0; y < lighting.grid.height; ++y)
      for (int x = 0; x < lighting.grid.width; ++x) {
        const cv::Vec3f value = light.offset + (light.field.empty() ? cv::Vec3f() : light.field.at<cv::Vec3f>(y, x));
        lighting.offset.insert(lighting.offset.end(), value.val, value.val + 3);
      }
  }
  return lighting;
}

}  // namespace retime

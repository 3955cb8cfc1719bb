#pragma once

#include <array>
#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "format/scene.hpp"
#include "synth/set/layer_render.hpp"
#include "synth/set/stage.hpp"

namespace retime::synth {

/// A synthetic scene with all that is known about it. Pictures are CV_8U, RGB or RGBA (straight alpha), at full size
/// unless a size is named. Frames and objects count from 0.
class SynthScene {
 public:
  /// Renders background and layers; `progress` is told how many of how many layers are done.
  explicit SynthScene(const SynthOptions& options, const std::function<void(int, int)>& progress = {});

  const SynthOptions& options() const { return options_; }
  const Stage& stage() const { return stage_; }
  int frames() const { return options_.frames; }
  int objects() const { return static_cast<int>(stage_.figures.size()); }
  bool moving_camera() const { return stage_.camera.moves(); }

  /// Unlit: static camera the background, moving camera the panorama of `camera_path().bounds`.
  cv::Mat plate() const;
  /// Homographies and bounds in pixels of the training size.
  CameraPath camera_path() const;

  cv::Mat background(int frame) const;
  /// The object as it was in frame `source`, as the camera sees it in frame `output` in the light of that frame.
  cv::Mat layer(int object, int source, int output) const;
  /// Coverage of the body with cloth and hair, CV_8UC1.
  cv::Mat body(int object, int frame) const;
  /// Part index, U * 255, V * 255 as CV_8UC3, nearest sample, of the whole body.
  cv::Mat iuv(int object, int frame, Size size) const;
  /// COCO's 17 keypoints, pixels of the full size.
  std::array<cv::Point2d, 17> keypoints(int object, int frame) const;
  /// Distance from the camera, metres.
  double depth(int object, int frame) const;
  /// Objects of a frame, back to front.
  std::vector<int> order(int frame) const;

 private:
  double time_of(int frame) const { return static_cast<double>(frame) / options_.fps; }
  Pinhole camera(int frame) const;
  Vec3 gain(int frame) const;
  void lay_out_plane();
  cv::Mat seen(const cv::Mat& plane_picture, cv::Point corner, int frame) const;
  const RenderedLayer& rendered(int object, int frame) const;

  SynthOptions options_;
  Stage stage_;
  Pinhole plane_;  ///< the camera of the picture that everything is rendered into
  std::array<double, 4> bounds_{};
  Backdrop backdrop_;
  cv::Mat background_;  ///< CV_32FC3 in the plane, with vignetting
  std::vector<RenderedLayer> layers_;
};

/// Lays straight-alpha RGBA pictures over an RGB picture, back to front; CV_32FC3 in levels of 255.
cv::Mat composited(const cv::Mat& background, const std::vector<cv::Mat>& layers);

}  // namespace retime::synth

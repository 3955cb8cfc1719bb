#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <vector>

#include "core/options.hpp"
#include "format/scene.hpp"

namespace retime {

/// Layers of one frame from its visible masks (CV_32F, 0..1), one each: CV_8UC4, straight alpha. `frame` and
/// `background` are CV_8UC3 of the masks' size.
std::vector<cv::Mat> cutout_layers(const cv::Mat& frame, const std::vector<cv::Mat>& masks);

/// Like cutouts, and what differs from the background beyond noise, within reach of an object, goes to the object
/// with the nearest mask: with the least alpha for which some colour explains the frame (darkening is black).
std::vector<cv::Mat> matting_layers(const cv::Mat& frame, const cv::Mat& background, const std::vector<cv::Mat>& masks);

/// An object's mask at the size of the full frames, CV_32F 0..1, soft over a pixel or two at its outline: its body map
/// of that size, or where its trimap is 255 in a scene without one. All 0 where the object is absent.
cv::Mat soft_mask(const SceneReader& scene, int object, int frame);

/// The masks of all objects without what objects in front of them hide.
std::vector<cv::Mat> visible_masks(const SceneReader& scene, int frame);

/// How something to compare with is made: `kCutouts`: layers of the frame's pixels inside each mask; `kMatting`: also
/// of what else differs from the background, for the object with the nearest mask; `kNonlayered`: no layers at all.
enum class BaselineMethod { kCutouts, kMatting, kNonlayered };
inline const Choices<BaselineMethod> kBaselineMethods{{"cutouts", BaselineMethod::kCutouts},
                                                      {"matting", BaselineMethod::kMatting},
                                                      {"nonlayered", BaselineMethod::kNonlayered}};

/// How layers are made without learning, to compare with.
struct BaselineOptions {
  BaselineMethod method = BaselineMethod::kMatting;
  int block_frames = 16;
  bool show_progress = true;
};

/// Writes layers.h5 from the frames and masks of a scene. The background is a temporal median (`BaselineBackground`).
/// Throws Error.
void write_baseline(const std::filesystem::path& scene_file, const std::filesystem::path& layers_file,
                    const BaselineOptions& options);

}  // namespace retime

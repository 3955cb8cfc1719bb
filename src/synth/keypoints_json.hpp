#pragma once

#include <filesystem>

#include "synth/synth_scene.hpp"

namespace retime::synth {

/// Writes the keypoints of all people and frames as AlphaPose with PoseFlow does, in pixels of the full size: per frame
/// a list of people with 17 COCO keypoints (x, y, confidence), person id `idx` and `box` (x, y, width, height).
/// Keypoints behind somebody else have low confidence.
void write_keypoints(const SynthScene& scene, const std::filesystem::path& path);

}  // namespace retime::synth

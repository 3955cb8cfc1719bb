#pragma once

#include <filesystem>

#include "synth/synth_scene.hpp"

namespace retime::synth {

/// Writes what is told of a scene as text, as docs/synth.md describes: metadata.json and, with a moving camera,
/// homographies.txt as the released tools have them, truth/truth.json, and keypoints.json as AlphaPose with PoseFlow
/// writes it, in pixels of the full size: per frame a list of people with 17 COCO keypoints (x, y, confidence), person
/// id `idx` and `box` (x, y, width, height). Keypoints behind somebody else have low confidence.
void write_scene_files(const SynthScene& scene, const std::filesystem::path& folder);

}  // namespace retime::synth

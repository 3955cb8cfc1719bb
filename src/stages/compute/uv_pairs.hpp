#pragma once

#include <cstdint>
#include <filesystem>

#include "model/uv/uv_task.hpp"
#include "synth/pairs/body_pair.hpp"

namespace retime {

/// Bodies drawn without end: those of `seed`.
UvPairSource drawn_bodies(std::uint64_t seed, const UvConfig& config, const synth::JointNoise& noise = {});

/// People of a folder with keypoints.json and maps (BodyPairs), at random, in squares that are a little moved and
/// scaled; their joints get noise beside what the estimator's have. Not mirrored: U and V of the sides differ by more
/// than their names. Throws Error when the folder cannot be read.
UvPairSource real_bodies(const std::filesystem::path& folder, std::uint64_t seed, const UvConfig& config,
                         const synth::JointNoise& noise = {});

}  // namespace retime

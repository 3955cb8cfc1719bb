#pragma once

#include <string>

namespace retime {

struct SceneInfo;

/// Identifies a scene's content, see `SceneReader::fingerprint`; ends in FRAMESxWIDTHxHEIGHTxOBJECTS.
std::string fingerprint_of_scene(const SceneInfo& info);

/// Whether scenes of these fingerprints are of the same clip, prepared alike, with as many frames and objects, and
/// differ by corrections alone.
bool differ_by_corrections(const std::string& before, const std::string& now);

/// What differs between the scenes of two fingerprints, as "frames 91 -> 60, width 96 -> 128"; another clip, masks or
/// options of `prepare` when all sizes are the same.
std::string scene_difference(const std::string& before, const std::string& now);

}  // namespace retime

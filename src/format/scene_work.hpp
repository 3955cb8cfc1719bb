#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/h5.hpp"
#include "format/image.hpp"

namespace retime {

/// An object as it was found, before any correction.
struct FoundTrack {
  std::string name, notes;                         ///< notes: a line each
  std::vector<std::array<std::int32_t, 4>> boxes;  ///< of its masks in every frame: x, y, width, height; 0: none
  std::vector<std::vector<std::uint8_t>> runs;     ///< of the masks in their boxes, see docs/formats.md
};

/// Joints of a person as they were found.
struct FoundJoints {
  std::int32_t first_frame = 0;
  std::vector<float> values;  ///< [frames, 17, 3]
};

/// What a preparation has done on the way to a scene, so that one with other corrections need not do it again. Keys
/// are hashes of all that a step was made from: where the key is the same, so is the result.
struct SceneWork {
  std::string steps;  ///< tells programs apart that would come to other results
  std::vector<FoundTrack> tracks;
  std::vector<FoundJoints> people;
  std::uint64_t camera_key = 0, backdrop_key = 0;
  std::vector<std::uint64_t> matte_keys;  ///< of each frame
  std::vector<std::uint8_t> matte_of;     ///< [frames, objects]: 1 where the object takes part in the frame's mattes
  Size plate;
  std::vector<float> noise;  ///< [plate height, plate width]
  Size field;
  std::vector<float> offsets, fields;  ///< of the lighting: [frames, 3] and [frames, field height, field width, 3]
};

void write_work(h5::Group& group, const SceneWork& work);
/// Throws Error when it is damaged.
SceneWork read_work(const h5::Group& group);

}  // namespace retime

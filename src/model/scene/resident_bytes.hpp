#pragma once

#include <cstdint>

#include "model/scene/scene_data.hpp"

namespace retime {

/// Bytes of a share of a scene in memory: all of it, or as much as it is streamed within.
std::int64_t resident_bytes(const SceneData& data);

}  // namespace retime

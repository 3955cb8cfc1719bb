#pragma once

#include <cstdint>

#include "model/scene_data.hpp"

namespace retime {

/// Bytes of all tensors of a share of a scene, on its device.
std::int64_t resident_bytes(const SceneData& data);

}  // namespace retime

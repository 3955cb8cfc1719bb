#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "format/image.hpp"

namespace retime {

/// What metadata.json of the released tools says about layers; each may be missing (empty).
struct ReleasedMetadata {
  std::vector<std::vector<int>> order;          ///< `composite_order` per frame, object indices from 0, back to front
  std::vector<std::vector<int>> people_layers;  ///< person ids of each layer
};

/// What the rest of the folder says, for checks.
struct ReleasedCounts {
  std::size_t frames = 0, objects = 0;
  Size training_size;  ///< 0x0 = not known
};

/// Reads metadata.json. Throws Error naming the key, the frame and the value when it is malformed or contradicts
/// `counts`: a size_LR of another size, an order that is no permutation of the layers, people in two layers.
ReleasedMetadata read_released_metadata(const std::filesystem::path& file, const ReleasedCounts& counts);

}  // namespace retime

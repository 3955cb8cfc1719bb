#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "model/scene/sampler.hpp"

namespace retime {

/// What is hidden of each slot so that the network learns to complete it, and whose effects it is to tell apart: the
/// occluders of S slots as tensors.
struct Occlusion {
  torch::Tensor hides;       ///< [S, 1, 1, 1]: 1 where a piece is hidden, or 0
  torch::Tensor silhouette;  ///< [S, 3]: scale, x and y of that piece
  torch::Tensor contests;    ///< [S, 1, 1, 1]: 1 where the partner's effects come next to the slot's, or 0
  torch::Tensor other;       ///< [S, 3]: where the partner is put
  torch::Tensor partner;     ///< [S] int64: another slot of the same frame, or the slot itself

  bool defined() const { return hides.defined(); }
};

/// On the host. `occluders` and `slot_frames`, the index of the slot's frame, have an entry per slot.
Occlusion occlusion_of(const std::vector<Occluder>& occluders, const std::vector<std::int64_t>& slot_frames);

/// [S, 3]: scale, x, y; on the host.
torch::Tensor placement_rows(const std::vector<Placement>& placements);

}  // namespace retime

#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "model/scene/sampler.hpp"
#include "model/scene/scene_data.hpp"

namespace retime {

/// One rank's part of a global batch, on the device: B frames and the maps of S slots, a slot being one object layer of
/// one frame.
struct Batch : SlotMaps {
  torch::Tensor frames;            ///< [B, 3, H, W] in [-1, 1]
  torch::Tensor time;              ///< [B] in [0, 1]: place in the clip
  torch::Tensor frame_weight;      ///< [B] 1, or 0 for places without a frame and frames left out
  torch::Tensor gain, offset;      ///< [B, 3, 1, 1] and [B, 3, h, w]: lighting of the plate, colours in [-1, 1]
  torch::Tensor grid;              ///< [B, H, W, 2] where each pixel lies in its frame, x and y in [-1, 1]
  torch::Tensor plane_from_frame;  ///< [B, 3, 3], or undefined for a static camera
  bool resampled = false;  ///< whether frames and maps went through `grid`; true for all frames of a step or none

  torch::Tensor slot_frame;   ///< [S] int64, index into the B frames
  torch::Tensor slot_object;  ///< [S] int64
  torch::Tensor slot_place;   ///< [S] int64, row in the depth-sorted stack of all B * N layers (see stack_layers)
  torch::Tensor slot_weight;  ///< [S] 1, or 0 in frames left out and for the slot that stands in when there is none
  Occlusion occlusion;        ///< with mattes and augmentations
  int object_count = 0;
  bool padded = false;  ///< whether some frame_weight or slot_weight is 0
};

/// Gathers frames of a rank's share into a batch and augments them with one resampling. `frames` holds clip frame
/// numbers, -1 for an empty place; `augmentations` has an entry per frame or is empty. With `skip_absent`, objects get
/// slots only in frames that show them. What is small travels to the device in one copy that nobody waits for.
Batch make_batch(const SceneData& data, const std::vector<int>& frames, const std::vector<Augmentation>& augmentations,
                 bool skip_absent);

/// Scatters per-slot values [S, C, H, W] into the depth-sorted stack [B, N, C, H, W], back to front; absent layers are
/// 0.
torch::Tensor stack_layers(const torch::Tensor& slots, const Batch& batch);

/// The sum of per-slot values [S, C, H, W] over the slots of a frame, given back to each of them.
torch::Tensor sum_over_frame(const torch::Tensor& slots, const Batch& batch);

}  // namespace retime

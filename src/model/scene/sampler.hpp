#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "dist/torch.hpp"
#include "model/config/fit_options.hpp"

namespace retime {

/// Which frames make up each global batch. The clip is cut into as many contiguous strata as the global batch has
/// places; every batch takes one frame of each stratum, in an order shuffled by (seed, epoch, stratum). Ranks own whole
/// strata, so each holds only a contiguous share of the clip, and the batches are the same for any number of ranks.
class BatchSampler {
 public:
  BatchSampler(int frame_count, int global_batch, std::uint64_t seed);

  int steps_per_epoch() const { return steps_; }
  int strata() const { return strata_; }
  /// First frame of a stratum and one past its last.
  std::pair<int, int> stratum_range(int stratum) const;
  /// Strata [first, last) that a rank owns, and the most that any rank owns (shorter shares are padded).
  std::pair<int, int> strata_of(int rank, int world_size) const;
  int places_per_rank(int world_size) const;
  /// Frames that a rank owns: first and one past the last.
  std::pair<int, int> frames_of(int rank, int world_size) const;

  /// Frames of every step of an epoch for the strata of one rank: [steps][places], -1 for a place that is empty.
  std::vector<std::vector<int>> epoch(int epoch, int rank, int world_size) const;
  /// Frames that a rank uses from a step of an epoch to the end of the next epoch, in that order.
  std::vector<int> coming_frames(int epoch, int step, int rank, int world_size) const;

 private:
  int frame_count_, strata_, steps_;
  std::uint64_t seed_;
};

/// Random numbers that are a pure function of their keys, whatever ran before and on which rank.
class KeyedRandom {
 public:
  KeyedRandom(std::uint64_t seed, std::uint64_t epoch, std::uint64_t item, std::uint64_t purpose);
  std::uint64_t next();
  /// Uniform in [0, 1).
  double uniform();
  /// Normal with mean 0 and standard deviation 1.
  double normal();

 private:
  std::uint64_t state_;
};

/// A random zoom and shift of a frame ([0076]): the output shows the window of 1 / scale of the frame's size whose
/// centre is at (center_x, center_y), in [-1, 1]; `brightness` is added to the frame's colours in [-1, 1] (the released
/// code adds it to the target alone). Each object of the frame loses part of its matte with `occlusion_probability`, by
/// numbers drawn from `occlusion_key`.
struct Augmentation {
  double scale = 1;
  double center_x = 0, center_y = 0;
  double brightness = 0;
  double occlusion_probability = 0;
  std::uint64_t occlusion_key = 0;
};

/// The augmentation of a frame in an epoch, the same on every rank.
Augmentation augmentation_of(const AugmentationOptions& options, std::uint64_t seed, int epoch, int frame);

/// Where a copy of something is put: `scale` times as large, its centre at (x, y) of an object's box, 0 to 1 inside.
struct Placement {
  double scale = 1;
  double x = 0.5, y = 0.5;
};

/// What is hidden of a layer from the network, which learns by completing it: a piece of the shape and size of a body
/// (the object's own silhouette, mirrored and moved), and the ownership of its effects, which meet those of another
/// object of the frame (moved there) as if the two were crossing.
struct Occluder {
  bool hides = false;
  Placement silhouette;
  bool contests = false;
  Placement other;           ///< of the other object
  std::uint64_t choice = 0;  ///< which of the other objects
};

/// The occluder of a layer: a pure function of its arguments.
Occluder occluder_of(double probability, std::uint64_t key, std::int64_t object);

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

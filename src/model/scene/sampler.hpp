#pragma once

#include <cstdint>
#include <utility>
#include <vector>

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
/// centre is at (center_x, center_y), in [-1, 1]; `brightness` is added to the frame's
/// colours in [-1, 1] (the released code adds it to the target alone). Each object of the frame loses part of its matte
/// with `occlusion_probability`, by numbers drawn from `occlusion_key`.
struct Augmentation {
  double scale = 1;
  double center_x = 0, center_y = 0;
  double brightness = 0;
  double occlusion_probability = 0;
  std::uint64_t occlusion_key = 0;
};

struct AugmentationOptions {
  double probability = 0.75;
  double max_scale = 1.25;
  double brightness_sigma = 0;  ///< in units of [-1, 1] ...
  int brightness_epochs = 0;    ///< ... in the first epochs
  double occlusion_probability =
      0.75;  ///< of a piece of an object being hidden from the network (layer-output completion)
};

/// The augmentation of a frame in an epoch, the same on every rank.
Augmentation augmentation_of(const AugmentationOptions& options, std::uint64_t seed, int epoch, int frame);

}  // namespace retime

#pragma once

#include <future>

#include "core/checkpoint.hpp"

namespace retime {

/// Writes the checkpoints of a run on a thread of its own, one after the other, and prunes the folder after each. What
/// is being written when the object goes is finished first.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(CheckpointFolder folder) : folder_(std::move(folder)) {}

  /// Takes a checkpoint over and returns; waits only for the one before it. Throws the Error of the one before it,
  /// which then is not in the folder; those before that are. Afterwards as CheckpointFolder::prune.
  void write(Checkpoint checkpoint, int keep, Milestone is_milestone);
  /// Waits until what was taken over is durable. Throws Error if it could not be written.
  void finish();

 private:
  CheckpointFolder folder_;
  std::future<void> pending_;
};

}  // namespace retime

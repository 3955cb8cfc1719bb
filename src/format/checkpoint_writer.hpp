#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "format/checkpoint.hpp"

namespace retime {

/// Writes the checkpoints of a run on a thread of its own, one after the other, and prunes the folder after each. A
/// save that fails is warned of at once and changes nothing of those before it: the next one may succeed. What is being
/// written when the object goes is finished first.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(CheckpointFolder folder) : folder_(std::move(folder)) {}
  ~CheckpointWriter();
  CheckpointWriter(CheckpointWriter&&) = delete;

  /// Takes a checkpoint over and returns; waits only for the one before it, if that is still being written. `more` are
  /// further arrays of it that do not change. Keeps milestones and the `keep` newest.
  void write(Checkpoint checkpoint, int keep, std::shared_ptr<const std::vector<NamedArray>> more = {});
  /// Waits until what was taken over last is durable. Throws Error if it could not be written, once.
  void finish();

 private:
  void save(Checkpoint& checkpoint, int keep, const std::vector<NamedArray>* more);
  void wait();

  CheckpointFolder folder_;
  std::string failure_;  ///< of the last save; empty when it succeeded
  std::future<void> pending_;
};

}  // namespace retime

#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "format/checkpoint.hpp"

namespace retime {

/// Writes the checkpoints of a run on a thread of its own, one after the other, and prunes the folder after each. A
/// save that fails is warned of at once and changes nothing of those before it: the next one may succeed. Whoever
/// finishes without a next one has it tried again. What is being written when the object goes is finished first.
class CheckpointWriter {
 public:
  /// A failed last save is tried again after `retry_after`.
  explicit CheckpointWriter(CheckpointFolder folder, std::chrono::milliseconds retry_after = std::chrono::seconds(1))
      : folder_(std::move(folder)), retry_after_(retry_after) {}
  ~CheckpointWriter();
  CheckpointWriter(CheckpointWriter&&) = delete;

  /// Takes a checkpoint over and returns; waits only for the one before it, if that is still being written. `more` are
  /// further arrays of it that do not change. Keeps milestones and the `keep` newest.
  void write(Checkpoint checkpoint, int keep, std::shared_ptr<const std::vector<NamedArray>> more = {});
  /// Says that the run goes on from the checkpoint of `step`: the next save sets newer ones aside as NAME.dropped.
  void go_on_from(std::int64_t step) { newest_ = step; }
  /// Waits until what was taken over last is written or has failed.
  void wait();
  /// Waits until what was taken over last is durable; if it could not be written, tries once more. Throws Error, once,
  /// if that fails too.
  void finish();

 private:
  struct Save {
    Checkpoint checkpoint;
    std::shared_ptr<const std::vector<NamedArray>> more;  ///< not yet among the checkpoint's arrays
    int keep;
    std::string failure;  ///< empty when it succeeded
  };
  void write(Save& save);

  CheckpointFolder folder_;
  std::chrono::milliseconds retry_after_;
  std::optional<std::int64_t> newest_;  ///< step that the run stands at; newer files are of a fit that was given up
  std::shared_ptr<Save> last_;          ///< under way, or failed
  std::future<void> pending_;
};

}  // namespace retime

#include "core/checkpoint_writer.hpp"

#include <chrono>

#include "core/log.hpp"

namespace retime {

void CheckpointWriter::write(Checkpoint checkpoint, int keep, Milestone is_milestone) {
  finish();
  const auto job = [folder = folder_, checkpoint = std::move(checkpoint), keep, is_milestone] {
    const auto start = std::chrono::steady_clock::now();
    write_checkpoint(folder.path_of(checkpoint.step), checkpoint);
    folder.prune(keep, checkpoint.step, is_milestone);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    log_debug("checkpoint of step " + std::to_string(checkpoint.step) + " written in " +
              std::to_string(static_cast<int>(time.count())) + " ms");
  };
  // A library without locks must not be entered by two threads.
  pending_ = std::async(h5::is_thread_safe() ? std::launch::async : std::launch::deferred, job);
  if (!h5::is_thread_safe()) finish();
}

void CheckpointWriter::finish() {
  if (pending_.valid()) pending_.get();
}

}  // namespace retime

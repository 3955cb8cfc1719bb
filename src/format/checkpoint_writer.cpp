#include "format/checkpoint_writer.hpp"

#include <exception>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "core/error.hpp"
#include "core/log.hpp"

namespace retime {

CheckpointWriter::~CheckpointWriter() { wait(); }

void CheckpointWriter::write(Checkpoint checkpoint, int keep, std::shared_ptr<const std::vector<NamedArray>> more) {
  wait();
  last_ = std::make_shared<Save>(Save{std::move(checkpoint), std::move(more), keep, {}});
  const auto job = [this, save = last_] { write(*save); };
  try {
    pending_ = std::async(std::launch::async, job);
  } catch (const std::system_error&) {  // No thread is to be had: then the fit waits.
    job();
  }
}

void CheckpointWriter::write(Save& save) {
  const auto start = std::chrono::steady_clock::now();
  auto& [checkpoint, more, keep, failure] = save;
  failure.clear();
  try {
    if (more) checkpoint.arrays.insert(checkpoint.arrays.end(), more->begin(), more->end());
    more.reset();
    if (newest_) folder_.drop_above(*newest_);
    write_checkpoint(folder_.path_of(checkpoint.step), checkpoint);
    newest_ = checkpoint.step;
    folder_.prune(keep, checkpoint.step);
  } catch (const std::bad_alloc&) {
    failure = "cannot write the checkpoint of step " + std::to_string(checkpoint.step) +
              " (out of memory): use a machine with more";
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (!failure.empty()) return log_warn("a checkpoint is not saved, those before it are: " + failure);
  checkpoint.arrays.clear();
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  log_debug("checkpoint of step " + std::to_string(checkpoint.step) + " written beside the fit in " +
            std::to_string(static_cast<int>(time.count())) + " ms");
}

void CheckpointWriter::wait() {
  if (pending_.valid()) pending_.get();
  if (last_ && last_->failure.empty()) last_.reset();
}

void CheckpointWriter::finish() {
  wait();
  if (!last_) return;
  std::this_thread::sleep_for(retry_after_);
  const auto save = std::exchange(last_, nullptr);
  write(*save);
  if (!save->failure.empty())
    throw Error("the last checkpoint is not saved, those before it are: " + save->failure +
                "; the same command then goes on from there");
}

}  // namespace retime

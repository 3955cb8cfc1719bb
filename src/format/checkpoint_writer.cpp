#include "format/checkpoint_writer.hpp"

#include <chrono>
#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/log.hpp"

namespace retime {

CheckpointWriter::~CheckpointWriter() { wait(); }

void CheckpointWriter::write(Checkpoint checkpoint, int keep, std::shared_ptr<const std::vector<NamedArray>> more) {
  wait();
  const auto shared = std::make_shared<Checkpoint>(std::move(checkpoint));
  const auto job = [this, shared, keep, more] { save(*shared, keep, more.get()); };
  try {
    pending_ = std::async(std::launch::async, job);
  } catch (const std::system_error&) {  // No thread is to be had: then the fit waits.
    job();
  }
}

void CheckpointWriter::save(Checkpoint& checkpoint, int keep, const std::vector<NamedArray>* more) {
  const auto start = std::chrono::steady_clock::now();
  failure_.clear();
  try {
    if (more) checkpoint.arrays.insert(checkpoint.arrays.end(), more->begin(), more->end());
    write_checkpoint(folder_.path_of(checkpoint.step), checkpoint);
    folder_.prune(keep, checkpoint.step);
  } catch (const std::bad_alloc&) {
    failure_ = "cannot write the checkpoint of step " + std::to_string(checkpoint.step) +
               " (out of memory): use a machine with more";
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
  if (!failure_.empty()) return log_warn("a checkpoint is not saved, those before it are: " + failure_);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  log_debug("checkpoint of step " + std::to_string(checkpoint.step) + " written beside the fit in " +
            std::to_string(static_cast<int>(time.count())) + " ms");
}

void CheckpointWriter::wait() {
  if (pending_.valid()) pending_.get();
}

void CheckpointWriter::finish() {
  wait();
  if (failure_.empty()) return;
  throw Error("the last checkpoint is not saved, those before it are: " + std::exchange(failure_, {}) +
              "; the same command then goes on from there");
}

}  // namespace retime

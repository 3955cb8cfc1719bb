#pragma once

#include <c10/core/Device.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace c10 {
struct Event;
}

namespace retime {

/// What a training step does at a time. Between two steps a process is outside.
enum class StepPart { kData, kForward, kBackward, kCommunication, kOptimizer, kOutside };

inline constexpr std::size_t kStepParts = 5;
/// In the order of StepPart.
inline constexpr std::array<const char*, kStepParts> kStepPartNames{"data", "forward", "backward", "communication",
                                                                    "optimizer"};

/// Where the time of one step went on this rank. The parts follow each other without gaps: they add up to the step.
struct StepRecord {
  std::array<double, kStepParts> part_s{};  ///< seconds
  std::vector<std::int64_t> bucket_bytes;   ///< gradients, as they travelled

  double total_s() const;
};

/// While one lives, the training step of this process is timed: by the clock on a CPU; on a GPU by events on the
/// current stream, so that nothing waits that would not wait otherwise. Communication is what is *exposed*: the time
/// for which the stream of work of this rank stands still, waiting for sums over ranks. What travels while the backward
/// pass goes on is not in it. One at a time in a process.
class StepTimeline {
 public:
  /// Throws Error when another one lives.
  explicit StepTimeline(c10::Device device);
  ~StepTimeline();
  StepTimeline(const StepTimeline&) = delete;
  StepTimeline& operator=(const StepTimeline&) = delete;

  /// All steps that have ended so far, in their order. Waits for the GPU.
  std::vector<StepRecord> records() const;

 private:
  friend StepPart enter_step_part(StepPart part);
  friend void note_bucket(std::int64_t bytes);
  struct Mark {
    StepPart part;
    std::chrono::steady_clock::time_point time;
    std::shared_ptr<c10::Event> event;
  };
  StepPart enter(StepPart part);
  void add_bucket(std::int64_t bytes);
  double seconds_between(const Mark& from, const Mark& to) const;

  c10::Device device_;
  mutable std::mutex mutex_;  ///< a backward pass on a GPU runs on a thread of its own
  StepPart current_ = StepPart::kOutside;
  std::vector<Mark> marks_;
  std::vector<std::vector<std::int64_t>> buckets_;  ///< per step that has begun
};

/// The step goes on with `part`; returns what it did before. A step begins with kData and ends with kOutside; other
/// parts count within a step only. Does nothing unless a StepTimeline lives.
StepPart enter_step_part(StepPart part);

/// Tells the StepTimeline, if one lives, that a bucket of gradients starts to travel.
void note_bucket(std::int64_t bytes);

/// `part` for the life of this object, then the former one again.
class StepPartScope {
 public:
  explicit StepPartScope(StepPart part) : former_(enter_step_part(part)) {}
  ~StepPartScope() { enter_step_part(former_); }
  StepPartScope(const StepPartScope&) = delete;
  StepPartScope& operator=(const StepPartScope&) = delete;

 private:
  StepPart former_;
};

}  // namespace retime

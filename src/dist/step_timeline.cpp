#include "dist/step_timeline.hpp"

#include <c10/core/Event.h>
#include <c10/cuda/CUDAStream.h>

#include <atomic>
#include <numeric>
#include <utility>

#include "core/error.hpp"

namespace retime {
namespace {

std::atomic<StepTimeline*> living{nullptr};

}  // namespace

double StepRecord::total_s() const { return std::accumulate(part_s.begin(), part_s.end(), 0.0); }

StepTimeline::StepTimeline(c10::Device device) : device_(device) {
  StepTimeline* none = nullptr;
  if (!living.compare_exchange_strong(none, this))
    throw Error("a second StepTimeline was made (a process times one training step at a time): share the first");
}

StepTimeline::~StepTimeline() { living = nullptr; }

StepPart StepTimeline::enter(StepPart part) {
  const std::lock_guard lock(mutex_);
  const StepPart former = current_;
  const bool begins = former == StepPart::kOutside && part == StepPart::kData;
  if (part == former || (former == StepPart::kOutside && !begins)) return former;
  if (begins) buckets_.emplace_back();
  Mark mark{part, std::chrono::steady_clock::now(), nullptr};
  if (device_.is_cuda()) {
    mark.event = std::make_shared<c10::Event>(c10::kCUDA, c10::EventFlag::BACKEND_DEFAULT);  // one that tells time
    mark.event->record(c10::cuda::getCurrentCUDAStream(device_.index()).unwrap());
  }
  marks_.push_back(std::move(mark));
  current_ = part;
  return former;
}

void StepTimeline::add_bucket(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (current_ != StepPart::kOutside) buckets_.back().push_back(bytes);
}

double StepTimeline::seconds_between(const Mark& from, const Mark& to) const {
  if (!device_.is_cuda()) return std::chrono::duration<double>(to.time - from.time).count();
  return from.event->elapsedTime(*to.event) / 1000;
}

std::vector<StepRecord> StepTimeline::records() const {
  const std::lock_guard lock(mutex_);
  if (device_.is_cuda() && !marks_.empty()) marks_.back().event->synchronize();
  std::vector<StepRecord> records;
  StepRecord step;
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    if (marks_[i].part == StepPart::kOutside) {
      step.bucket_bytes = buckets_[records.size()];
      records.push_back(std::exchange(step, {}));
    } else if (i + 1 < marks_.size()) {
      step.part_s[static_cast<std::size_t>(marks_[i].part)] += seconds_between(marks_[i], marks_[i + 1]);
    }
  }
  return records;
}

StepPart enter_step_part(StepPart part) {
  StepTimeline* timeline = living.load(std::memory_order_acquire);
  return timeline == nullptr ? StepPart::kOutside : timeline->enter(part);
}

void note_bucket(std::int64_t bytes) {
  if (StepTimeline* timeline = living.load(std::memory_order_acquire)) timeline->add_bucket(bytes);
}

}  // namespace retime

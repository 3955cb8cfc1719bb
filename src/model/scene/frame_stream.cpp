#include "model/scene/frame_stream.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "core/error.hpp"

namespace retime {
namespace {

// Far enough to hide a slow disk. Further ahead, frames that were used would have to make room too early.
constexpr std::int64_t kAhead = 16;

std::string kibibytes(std::size_t bytes) { return std::to_string(bytes >> 10) + " KiB"; }

}  // namespace

FrameStream::FrameStream(const PixelReader& reader, int first, int last, std::size_t budget)
    : reader_(reader), budget_(budget) {
  std::size_t largest = 0;
  for (int t = first; t < last; ++t) largest = std::max(largest, reader_.bytes(t));
  if (largest > budget)
    throw Error("the cache cannot hold a single frame (it needs up to " + kibibytes(largest) + ", there are " +
                kibibytes(budget) + "): raise --cache-gib");
  thread_ = std::thread([this] { run(); });
}

FrameStream::~FrameStream() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  wanted_.notify_all();
  thread_.join();
}

std::size_t FrameStream::most_bytes() const {
  const std::lock_guard lock(mutex_);
  return most_bytes_;
}

std::int64_t FrameStream::reads() const {
  const std::lock_guard lock(mutex_);
  return reads_;
}

void FrameStream::expect(const std::vector<int>& frames) {
  {
    const std::lock_guard lock(mutex_);
    plan_.assign(frames.begin(), frames.end());
    place_ = reading_ = 0;
    uses_.clear();
    for (std::size_t i = 0; i < frames.size(); ++i) uses_[frames[i]].push_back(static_cast<std::int64_t>(i));
  }
  wanted_.notify_all();
}

void FrameStream::put_first(int frame) {
  plan_.push_front(frame);
  reading_ = --place_;
  uses_[frame].push_front(place_);
  wanted_.notify_all();
}

void FrameStream::use(int frame, const std::function<void(const FramePixels&)>& visit) {
  std::unique_lock lock(mutex_);
  if (plan_.empty() || plan_.front() != frame) put_first(frame);
  arrived_.wait(lock, [&] { return held_.contains(frame) || error_; });
  if (!held_.contains(frame)) std::rethrow_exception(error_);
  const FramePixels& pixels = held_.at(frame);  // stays: nothing is wanted sooner
  lock.unlock();
  visit(pixels);
  lock.lock();
  plan_.pop_front();
  uses_[frame].pop_front();
  reading_ = std::max(reading_, ++place_);
  wanted_.notify_all();
}

std::int64_t FrameStream::next_use(int frame) const {
  const auto found = uses_.find(frame);
  return found == uses_.end() || found->second.empty() ? std::numeric_limits<std::int64_t>::max()
                                                       : found->second.front();
}

// Gives up what is wanted latest, as long as that is later than the frame to be read.
bool FrameStream::make_room(std::size_t bytes) {
  while (bytes_ + bytes > budget_) {
    const auto latest = std::max_element(held_.begin(), held_.end(), [&](const auto& a, const auto& b) {
      return next_use(a.first) < next_use(b.first);
    });
    if (latest == held_.end() || next_use(latest->first) <= reading_) return false;
    bytes_ -= reader_.bytes(latest->first);
    held_.erase(latest);
  }
  return true;
}

std::optional<int> FrameStream::next_to_read() {
  const auto end = std::min(place_ + kAhead, place_ + static_cast<std::int64_t>(plan_.size()));
  for (; reading_ < end; ++reading_) {
    const int frame = plan_[static_cast<std::size_t>(reading_ - place_)];
    if (held_.contains(frame)) continue;
    if (!make_room(reader_.bytes(frame))) return std::nullopt;
    return frame;
  }
  return std::nullopt;
}

void FrameStream::run() {
  std::unique_lock lock(mutex_);
  while (!error_) {
    std::optional<int> frame;
    wanted_.wait(lock, [&] { return stops_ || (frame = next_to_read()); });
    if (stops_) return;
    bytes_ += reader_.bytes(*frame);
    most_bytes_ = std::max(most_bytes_, bytes_);
    lock.unlock();
    FramePixels pixels;
    std::exception_ptr error;
    try {
      pixels = reader_.read_frame(*frame);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    error_ = error;
    if (!error) held_.emplace(*frame, std::move(pixels));
    ++reads_;
    arrived_.notify_all();
  }
}

}  // namespace retime

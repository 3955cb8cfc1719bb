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

std::uint8_t rounded_mean(unsigned sum, unsigned count) {
  const unsigned below = sum / count, twice = 2 * (sum % count);
  return static_cast<std::uint8_t>(below + (twice > count || (twice == count && below % 2 == 1)));
}

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

void shrink(std::span<const std::uint8_t> large, int factor, Size size, int channels, std::span<std::uint8_t> out) {
  const auto f = static_cast<std::size_t>(factor), c = static_cast<std::size_t>(channels);
  const auto width = static_cast<std::size_t>(size.width), height = static_cast<std::size_t>(size.height);
  const std::size_t row = f * width * c;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t i = 0; i < width * c; ++i) {
      const std::size_t first = y * f * row + i / c * f * c + i % c;
      unsigned sum = 0;
      for (std::size_t dy = 0; dy < f; ++dy)
        for (std::size_t dx = 0; dx < f; ++dx) sum += large[first + dy * row + dx * c];
      out[y * width * c + i] = rounded_mean(sum, static_cast<unsigned>(factor * factor));
    }
}

bool PixelReader::is_present(int object, int frame) const {
  return scene_.presence()[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)] != 0;
}

std::size_t PixelReader::bytes(int frame) const {
  const std::size_t map = with_mattes_ ? 9 : 4;
  std::size_t channels = 3;
  for (int n = 0; n < info().object_count(); ++n) channels += is_present(n, frame) ? map : 0;
  return channels * info().size.area();
}

FramePixels PixelReader::read_frame(int frame) const {
  const Size size = info().size;
  FramePixels pixels{Image(size, 3), std::vector<ObjectMaps>(static_cast<std::size_t>(info().object_count()))};
  read_base(frame, pixels.frame.pixels);
  for (int n = 0; n < info().object_count(); ++n) {
    if (!is_present(n, frame)) continue;
    auto& maps = pixels.maps[static_cast<std::size_t>(n)];
    maps = {true, Image(size, 3), Image(size, 1), {}};
    read_iuv(n, frame, maps.iuv.pixels);
    read_trimap(n, frame, maps.trimap.pixels);
    if (!with_mattes_) continue;
    maps.matte = Image(size, 4);
    maps.visibility = Image(size, 1);
    read_matte(n, frame, maps.matte.pixels);
    read_visibility(n, frame, maps.visibility.pixels);
  }
  return pixels;
}

void PixelReader::read_trimap(int object, int frame, std::span<std::uint8_t> out) const {
  scene_.read_trimap(object, frame, 1, out);
}

void PixelReader::read_matte(int object, int frame, std::span<std::uint8_t> out) const {
  std::vector<std::uint8_t> full(4 * info().full_size().area());
  scene_.read_matte(object, frame, 1, full);
  shrink(full, info().scale, info().size, 4, out);
}

void PixelReader::read_visibility(int object, int frame, std::span<std::uint8_t> out) const {
  std::vector<std::uint8_t> full(info().full_size().area());
  scene_.read_visibility(object, frame, 1, full);
  shrink(full, info().scale, info().size, 1, out);
}

}  // namespace retime

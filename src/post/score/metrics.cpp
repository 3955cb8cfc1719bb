#include "post/score/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/error.hpp"

namespace retime {
namespace {

void check_alike(const Image& a, const Image& b) {
  if (a.size == b.size && a.channels == b.channels) return;
  throw Error("pictures of " + size_text(a.size) + " and " + size_text(b.size) + " with " + std::to_string(a.channels) +
              " and " + std::to_string(b.channels) + " channels cannot be compared: give both at one size, as RGB");
}

}  // namespace

void SquaredError::add(const Image& a, const Image& b, const Image* mask) {
  check_alike(a, b);
  const auto channels = static_cast<std::size_t>(a.channels);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < a.size.area(); ++i) {
    if (mask && mask->pixels[i] == 0) continue;
    for (std::size_t c = channels * i; c < channels * (i + 1); ++c) {
      const int difference = a.pixels[c] - b.pixels[c];
      sum += difference * difference;
    }
    count_ += a.channels;
  }
  sum_ += static_cast<double>(sum);
}

void SquaredError::sum_over(const FrameParts& parts) {
  double values[] = {sum_, static_cast<double>(count_)};
  parts.sum(values);
  sum_ = values[0];
  count_ = static_cast<std::int64_t>(values[1]);
}

std::optional<double> SquaredError::psnr() const {
  if (count_ == 0) return std::nullopt;
  if (sum_ == 0) return kPsnrOfEqual;
  return std::min(kPsnrOfEqual, 10 * std::log10(255.0 * 255.0 * static_cast<double>(count_) / sum_));
}

void LevelDifference::add(int frame, const Image& a, const Image& b) {
  check_alike(a, b);
  int max = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const int difference = std::abs(a.pixels[i] - b.pixels[i]);
    max = std::max(max, difference);
    sum_ += difference;
  }
  count_ += static_cast<std::int64_t>(a.pixels.size());
  if (max <= max_) return;
  max_ = max;
  worst_frame_ = frame;
}

void LevelDifference::sum_over(const FrameParts& parts) {
  // Behind the sums every process has a place for its largest difference and one for that frame.
  std::vector<double> values(2 + 2 * static_cast<std::size_t>(parts.parts));
  values[0] = static_cast<double>(sum_);
  values[1] = static_cast<double>(count_);
  values[2 + 2 * static_cast<std::size_t>(parts.part)] = max_;
  values[3 + 2 * static_cast<std::size_t>(parts.part)] = worst_frame_;
  parts.sum(values);
  sum_ = static_cast<std::int64_t>(values[0]);
  count_ = static_cast<std::int64_t>(values[1]);
  max_ = worst_frame_ = 0;
  for (std::size_t i = 2; i < values.size(); i += 2) {
    if (static_cast<int>(values[i]) <= max_) continue;  // Frames rise from process to process: the first one stays.
    max_ = static_cast<int>(values[i]);
    worst_frame_ = static_cast<int>(values[i + 1]);
  }
}

void Flicker::add(const Image& estimate, const Image* truth) {
  if (truth) check_alike(estimate, *truth);
  const bool first = last_.empty();
  last_.resize(estimate.pixels.size());
  for (std::size_t i = 0; i < estimate.pixels.size(); ++i) {
    const auto error = static_cast<std::int16_t>(estimate.pixels[i] - (truth ? truth->pixels[i] : 0));
    if (!first) sum_ += std::abs(error - last_[i]);
    last_[i] = error;
  }
  if (!first) count_ += static_cast<std::int64_t>(last_.size());
}

void Flicker::start(const Image& estimate, const Image* truth) {
  last_.clear();
  add(estimate, truth);
}

void Flicker::sum_over(const FrameParts& parts) {
  double values[] = {static_cast<double>(sum_), static_cast<double>(count_)};
  parts.sum(values);
  sum_ = static_cast<std::int64_t>(values[0]);
  count_ = static_cast<std::int64_t>(values[1]);
}

std::optional<double> Flicker::value() const {
  if (count_ == 0) return std::nullopt;
  return static_cast<double>(sum_) / static_cast<double>(count_);
}

Image differs(const Image& a, const Image& b, int levels) {
  check_alike(a, b);
  Image mask(a.size, 1);
  const auto channels = static_cast<std::size_t>(a.channels);
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    if (std::abs(a.pixels[i] - b.pixels[i]) > levels) mask.pixels[i / channels] = 255;
  return mask;
}

Image above(const Image& picture, int channel, int limit) {
  Image mask(picture.size, 1);
  const auto channels = static_cast<std::size_t>(picture.channels);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i)
    mask.pixels[i] = picture.pixels[channels * i + static_cast<std::size_t>(channel)] > limit ? 255 : 0;
  return mask;
}

namespace {

// Grows a line of `count` pixels that lie `step` apart.
void dilate_line(const std::uint8_t* in, std::uint8_t* out, int count, std::size_t step, int radius) {
  const auto set = [&](int i) { return in[static_cast<std::size_t>(i) * step] != 0; };
  int last = -radius - 1;  // the last set pixel at most `radius` ahead
  for (int i = 0; i < std::min(radius, count); ++i)
    if (set(i)) last = i;
  for (int i = 0; i < count; ++i) {
    if (i + radius < count && set(i + radius)) last = i + radius;
    out[static_cast<std::size_t>(i) * step] = last >= i - radius ? 255 : 0;
  }
}

}  // namespace

Image dilated(const Image& mask, int radius) {
  const auto [width, height] = mask.size;
  Image wide(mask.size, 1), grown(mask.size, 1);
  for (int y = 0; y < height; ++y) dilate_line(mask.row(y), wide.row(y), width, 1, radius);
  for (int x = 0; x < width; ++x) dilate_line(wide.row(0) + x, grown.row(0) + x, height, wide.stride(), radius);
  return grown;
}

void unite(Image& mask, const Image& other) {
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) mask.pixels[i] |= other.pixels[i];
}

}  // namespace retime

#include "post/compose/grain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "format/homography.hpp"

namespace retime {
namespace {

constexpr int kMostFrames = 8;
constexpr std::size_t kMostBytes = 96U << 20U;
constexpr std::int8_t kNone = -128;
// Noise of a normal distribution exceeds six times its median magnitude, four standard deviations, once in 16000 times;
// what does is no noise.
constexpr int kLargest = 6;
constexpr int kLeastLargest = 4;  // levels

std::vector<int> bank_frames(const LayerSourceInfo& info) {
  const auto fit =
      static_cast<int>(std::min<std::size_t>(kMostBytes / std::max<std::size_t>(3 * info.size.area(), 1), kMostFrames));
  const int count = std::clamp(fit, 1, std::max(info.frames, 1));
  std::vector<int> frames;
  for (int i = 0; i < count; ++i) frames.push_back((2 * i + 1) * info.frames / (2 * count));
  return frames;
}

// The largest magnitude that noise has where nobody stands.
int noise_limit(const FrameResidual& residual) {
  std::array<std::size_t, 129> counts{};
  std::size_t total = 0;
  for (std::size_t p = 0; p < residual.owner.pixels.size(); ++p) {
    if (residual.owner.pixels[p] != 0) continue;
    for (std::size_t c = 0; c < 3; ++c) ++counts[static_cast<std::size_t>(std::abs(int{residual.values[3 * p + c]}))];
    total += 3;
  }
  int median = 0;
  for (std::size_t below = counts[0]; 2 * below < total; below += counts[static_cast<std::size_t>(median)]) ++median;
  return std::max(kLeastLargest, kLargest * median);
}

}  // namespace

GrainBank::GrainBank(const LayerSourceInfo& info, const Read& read) : info_(info), frames_(bank_frames(info)) {
  FrameResidual residual;
  for (const int frame : frames_) {
    read(frame, residual);
    take(residual);
  }
}

void GrainBank::take(const FrameResidual& residual) {
  const int limit = noise_limit(residual);
  auto& grain = grain_.emplace_back(residual.values);
  for (std::size_t p = 0; p < residual.owner.pixels.size(); ++p) {
    const bool noise = std::all_of(grain.begin() + static_cast<std::ptrdiff_t>(3 * p),
                                   grain.begin() + static_cast<std::ptrdiff_t>(3 * p + 3),
                                   [&](std::int8_t value) { return std::abs(int{value}) <= limit; });
    if (residual.owner.pixels[p] != 0 || !noise) grain[3 * p] = kNone;
  }
}

GrainBank::Frame::Frame(const GrainBank& bank, int output_frame, int view) : bank_(bank) {
  // Neighbouring frames take different pictures, in an order that does not repeat soon (Knuth's multiplicative hash).
  first_ = (static_cast<std::uint32_t>(output_frame) * 2654435761U >> 8U) % bank.grain_.size();
  const auto& camera = bank.info_.frame_from_plane;
  if (camera.empty()) return;
  for (const int frame : bank.frames_)
    bank_from_view_.push_back(
        product(camera.at(static_cast<std::size_t>(frame)), inverse(camera.at(static_cast<std::size_t>(view)))));
}

const std::int8_t* GrainBank::Frame::at(int x, int y) const {
  if (const auto* grain = near(x, y)) return grain;
  // Where somebody always stands, that of a place beside.
  const Size size = bank_.info_.size;
  for (const int step :
       {size.width / 8, -size.width / 8, size.width / 4, -size.width / 4, size.width / 2, -size.width / 2})
    if (x + step >= 0 && x + step < size.width)
      if (const auto* grain = near(x + step, y)) return grain;
  return nullptr;
}

const std::int8_t* GrainBank::Frame::near(int x, int y) const {
  for (std::size_t i = 0; i < bank_.grain_.size(); ++i)
    if (const auto* grain = in((first_ + i) % bank_.grain_.size(), x, y)) return grain;
  return nullptr;
}

const std::int8_t* GrainBank::Frame::in(std::size_t picture, int x, int y) const {
  const Size size = bank_.info_.size;
  if (!bank_from_view_.empty()) {
    const PlanePoint p = project(bank_from_view_[picture], {static_cast<double>(x), static_cast<double>(y)});
    if (!(p.x > -0.5 && p.x < size.width - 0.5 && p.y > -0.5 && p.y < size.height - 0.5)) return nullptr;
    x = static_cast<int>(p.x + 0.5);
    y = static_cast<int>(p.y + 0.5);
  }
  const std::int8_t* grain =
      bank_.grain_[picture].data() +
      3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x));
  return *grain == kNone ? nullptr : grain;
}

}  // namespace retime

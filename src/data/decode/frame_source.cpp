#include "data/decode/frame_source.hpp"

#include <algorithm>
#include <cmath>

#include "media/libav.hpp"

namespace retime {
namespace {

constexpr double kLate = 0.6;   // slots; above: the frame before is repeated
constexpr double kEarly = 1.0;  // slots; from here on: the frame is dropped
constexpr double kJump = 3.0;   // slots; a time that jumps does so by more, also in slow videos
constexpr double kRounding = 1e-3;
constexpr FrameRate kUsual[] = {{24000, 1001}, {24, 1}, {25, 1},       {30000, 1001}, {30, 1},
                                {48, 1},       {50, 1}, {60000, 1001}, {60, 1}};

bool is_valid(FrameRate rate) { return rate.num > 0 && rate.den > 0; }

}  // namespace

FrameTiming::Placement FrameTiming::place(double time_s) {
  double late = time_s * rate_.value() + shift_ - static_cast<double>(next_slot_);
  if (std::abs(late) > kJump && libav::is_time_jump(late / rate_.value(), may_jump_)) {
    ++jumps_;
    shift_ -= late;
    late = 0;
  }
  if (late <= -kEarly + kRounding) return {0, true};
  const long repeats = late > kLate ? std::lround(late) : 0;
  next_slot_ += repeats + 1;
  return {static_cast<int>(repeats), false};
}

FrameRate constant_rate(FrameRate base, FrameRate average) {
  constexpr double kHighest = 120;
  constexpr double kMostRepeats = 4;
  constexpr double kUsualTolerance = 0.005;
  if (!is_valid(average)) return is_valid(base) ? base : FrameRate{25, 1};
  const bool trusted = is_valid(base) && base.value() <= kHighest && base.value() <= kMostRepeats * average.value();
  if (trusted) return base;
  const auto* nearest = std::min_element(std::begin(kUsual), std::end(kUsual), [&](FrameRate a, FrameRate b) {
    return std::abs(a.value() - average.value()) < std::abs(b.value() - average.value());
  });
  const bool close = std::abs(nearest->value() / average.value() - 1) < kUsualTolerance;
  return close ? *nearest : average;
}

}  // namespace retime

#include "data/decode/frame_source.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace retime {
namespace {

/// How often each frame is shown when frames come at `times` (in places of the constant rate).
std::vector<int> shown(const std::vector<double>& times) {
  FrameTiming timing(FrameRate{10, 1});
  std::vector<int> counts(times.size(), 0);
  int before = -1;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto placement = timing.place(times[i] / 10);
    if (before >= 0) counts[static_cast<std::size_t>(before)] += placement.repeats;
    if (placement.drop) continue;
    counts[i] = 1;
    before = static_cast<int>(i);
  }
  return counts;
}

TEST(FrameTiming, ConstantRateAndJitterPassUnchanged) {
  EXPECT_EQ(shown({0, 1, 2, 3}), (std::vector<int>{1, 1, 1, 1}));
  EXPECT_EQ(shown({0, 1.4, 1.7, 3.3, 3.6, 5}), (std::vector<int>{1, 1, 1, 1, 1, 1}));
}

TEST(FrameTiming, GapsRepeatTheFrameBefore) { EXPECT_EQ(shown({0, 1, 5, 6}), (std::vector<int>{1, 4, 1, 1})); }

TEST(FrameTiming, DoubleRateDropsEverySecondFrame) {
  const auto counts = shown({0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4});
  int total = 0;
  for (const int count : counts) total += count;
  EXPECT_NEAR(total, 5, 1);
}

TEST(FrameTiming, FramesWithoutTimeFollowTheOneBefore) {
  FrameTiming timing(FrameRate{10, 1});
  timing.place(0);
  timing.place_next();
  EXPECT_EQ(timing.place(0.2).repeats, 0);
}

TEST(FrameTiming, JoinedRecordingsFollowWithoutAGap) {
  FrameTiming timing({25, 1}, true);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(timing.place(i / 25.0).drop);
  for (int i = 0; i < 50; ++i) {  // from the start again, with a gap of its own
    const auto place = timing.place((i < 20 ? i : i + 3) / 25.0);
    EXPECT_FALSE(place.drop) << i;
    EXPECT_EQ(place.repeats, i == 20 ? 3 : 0) << i;
  }
  EXPECT_EQ(timing.jumps(), 1);
  EXPECT_EQ(timing.place(3600).repeats, 0);
  EXPECT_EQ(timing.jumps(), 2);
  EXPECT_TRUE(timing.place(3599.5).drop) << "jitter";
  EXPECT_EQ(timing.place(3609).repeats, 224) << "a gap";
}

TEST(FrameTiming, EarlyFramesOfSlowVideosAreNoJump) {
  FrameTiming timing({1, 4}, true);
  for (const double time_s : {0.0, 4.0, 8.0}) EXPECT_FALSE(timing.place(time_s).drop);
  EXPECT_FALSE(timing.place(10.0).drop) << "two seconds early are half a frame";
  EXPECT_TRUE(timing.place(11.0).drop);
  EXPECT_EQ(timing.place(28.0).repeats, 3);
  EXPECT_EQ(timing.jumps(), 0);
}

TEST(ConstantRate, TheBaseRateUnlessItIsAbsurd) {
  const auto rate = [](FrameRate base, FrameRate average) {
    const FrameRate chosen = constant_rate(base, average);
    return std::vector<int>{chosen.num, chosen.den};
  };
  EXPECT_EQ(rate({30000, 1001}, {30000, 1001}), (std::vector<int>{30000, 1001}));
  EXPECT_EQ(rate({30, 1}, {57, 3}), (std::vector<int>{30, 1}));
  EXPECT_EQ(rate({90000, 1}, {2990, 100}), (std::vector<int>{30000, 1001}));
  EXPECT_EQ(rate({600, 1}, {17, 1}), (std::vector<int>{17, 1}));
  EXPECT_EQ(rate({0, 1}, {0, 0}), (std::vector<int>{25, 1}));
}

}  // namespace
}  // namespace retime

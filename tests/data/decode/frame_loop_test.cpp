#include "data/decode/frame_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "core/error.hpp"

namespace retime {
namespace {

TEST(FrameLoop, ComesToEachFrameOnce) {
  std::vector<std::atomic<int>> visits(100);
  for_frames("test", 100, false, [&](int t) { ++visits[static_cast<std::size_t>(t)]; });
  for (const auto& count : visits) EXPECT_EQ(count, 1);
  for_frames("test", 0, false, [](int) { FAIL() << "there are no frames"; });
}

TEST(FrameLoop, WhatGoesWrongReachesTheCaller) {
  EXPECT_THAT(
      [] {
        for_frames("test", 8, false, [](int t) {
          if (t == 5) throw Error("frame 5");
        });
      },
      testing::ThrowsMessage<Error>("frame 5"));
}

}  // namespace
}  // namespace retime

#include "data/complete/object_completion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/complete/walkers.hpp"

namespace retime {
namespace {

using test::agreement;
using test::kStreet;

constexpr double kPeriod = 12;

/// One of the crossing walkers, the second of whom is in front in frames 14 to 26.
ObjectCompletion completion_of(const SeenObjects& seen, int object, const BodyGuess& guess, int first = 14,
                               int last = 26) {
  return {seen, {{{0, 1, first, last}, 0, 1}}, object, guess};
}

TEST(ObjectCompletion, WhoIsBehindIsCompletedWhereTheOtherIsInFront) {
  const auto walk = test::crossing();
  const auto seen = seen_objects(walk.visible, kStreet, kPeriod);
  const BodyGuess none;
  auto completion = completion_of(seen, 0, none);
  const auto masks = completion.run();
  ASSERT_EQ(masks.size(), 40U);
  EXPECT_FALSE(completion.is_never_whole());
  ASSERT_EQ(completion.hidden_frames().size(), 13U);
  EXPECT_EQ(completion.hidden_frames().front(), 14);
  EXPECT_EQ(completion.guessed_frames(), 0);
  EXPECT_LT(agreement(walk.visible[0].frames[20], walk.whole[0].frames[20]), 0.7);
  EXPECT_GT(agreement(masks[20], walk.whole[0].frames[20]), 0.85);
  for (const std::size_t t : {0U, 5U, 35U}) EXPECT_EQ(agreement(masks[t], walk.visible[0].frames[t]), 1) << t;
}

TEST(ObjectCompletion, WhoIsInFrontStaysAsHeIs) {
  const auto walk = test::crossing();
  const auto seen = seen_objects(walk.visible, kStreet, kPeriod);
  const BodyGuess none;
  auto completion = completion_of(seen, 1, none);
  const auto masks = completion.run();
  EXPECT_TRUE(completion.hidden_frames().empty());
  for (std::size_t t = 0; t < masks.size(); ++t) EXPECT_EQ(masks[t].area(), walk.visible[1].frames[t].area()) << t;
}

TEST(ObjectCompletion, WhoIsHiddenAllTheTimeNeedsAGuess) {
  const auto walk = test::crossing();
  const auto seen = seen_objects(walk.visible, kStreet, kPeriod);
  const BodyGuess none;
  auto fragment = completion_of(seen, 0, none, 0, 39);
  EXPECT_EQ(fragment.run()[20].area(), walk.visible[0].frames[20].area());
  EXPECT_TRUE(fragment.is_never_whole());
  const BodyGuess right = [&](int object, int frame) {
    return std::optional(
        BodyEstimate{walk.whole[static_cast<std::size_t>(object)].frames[static_cast<std::size_t>(frame)], 0.9});
  };
  auto guessed = completion_of(seen, 0, right, 0, 39);
  EXPECT_GT(agreement(guessed.run()[20], walk.whole[0].frames[20]), 0.95);
  EXPECT_GT(guessed.guessed_frames(), 3);
}

}  // namespace
}  // namespace retime

#include "post/edit/time_map.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr int kFrames = 100;
constexpr double kEnd = std::numeric_limits<double>::infinity();

TimeMap map_of(const std::vector<Verb>& verbs, Outside outside = Outside::kAbsent) {
  TimeMap map(kFrames, outside);
  for (const Verb& verb : verbs) map.apply(verb);
  return map;
}

/// The source frame at output frame t, -1 when absent.
int frame_at(const TimeMap& map, double t) {
  const auto position = map(t);
  return position ? position->frame : -1;
}

TEST(TimeMap, IdentityEndsWithTheSource) {
  const TimeMap map = map_of({});
  EXPECT_EQ(frame_at(map, 0), 0);
  EXPECT_EQ(frame_at(map, 99), 99);
  EXPECT_EQ(frame_at(map, 100), -1);
  EXPECT_EQ(frame_at(map_of({}, Outside::kHold), 150), 99);
}

TEST(TimeMap, OffsetIsAbsentOrHeldOutside) {
  const TimeMap later = map_of({Offset{10}});
  EXPECT_EQ(frame_at(later, 9), -1);
  EXPECT_EQ(frame_at(later, 10), 0);
  EXPECT_EQ(frame_at(later, 109), 99);
  EXPECT_EQ(frame_at(later, 110), -1);
  const TimeMap held = map_of({Offset{-10, Outside::kHold}});
  EXPECT_EQ(frame_at(held, 0), 10);
  EXPECT_EQ(frame_at(held, 95), 99);
}

TEST(TimeMap, FreezeIncludesBothEndsThenJumpsOrResumes) {
  const TimeMap jump = map_of({Freeze{20, 30, 40}});
  EXPECT_EQ(frame_at(jump, 29), 29);
  EXPECT_EQ(frame_at(jump, 30), 20);
  EXPECT_EQ(frame_at(jump, 40), 20);
  EXPECT_EQ(frame_at(jump, 41), 41);
  const TimeMap resume = map_of({Freeze{20, 20, 40, AfterFreeze::kResume}});
  EXPECT_EQ(frame_at(resume, 19), 19);
  EXPECT_EQ(frame_at(resume, 40), 20);
  EXPECT_EQ(frame_at(resume, 41), 21);
}

TEST(TimeMap, AFreezeHoldsBeyondTheSource) { EXPECT_EQ(frame_at(map_of({Freeze{50, 50, kEnd}}), 500), 50); }

TEST(TimeMap, SpeedKeepsTimeBeforeAndIsContinuousAfter) {
  const TimeMap slow = map_of({Speed{0.5, 20, 40}});
  EXPECT_EQ(frame_at(slow, 20), 20);
  EXPECT_EQ(frame_at(slow, 24), 22);
  EXPECT_EQ(frame_at(slow, 40), 30);
  EXPECT_EQ(frame_at(slow, 50), 40);
  const TimeMap fast = map_of({Speed{3, 0, kEnd}});
  EXPECT_EQ(frame_at(fast, 33), 99);
  EXPECT_EQ(frame_at(fast, 34), -1);
}

TEST(TimeMap, FractionsRoundToTheNearestOrBlend) {
  EXPECT_EQ(frame_at(map_of({Speed{0.3, 0, kEnd}}), 2), 1);
  const TimeMap blend = map_of({Speed{0.25, 0, kEnd, Outside::kAbsent, Sampling::kBlend}});
  const auto position = blend(5);
  ASSERT_TRUE(position.has_value());
  EXPECT_EQ(position->frame, 1);
  EXPECT_EQ(position->next, 2);
  EXPECT_NEAR(position->weight, 0.25, 1e-9);
  EXPECT_EQ(blend(8), (SourcePosition{2, 2, 0}));
  EXPECT_EQ(blend(4 * 99), (SourcePosition{99, 99, 0}));
}

TEST(TimeMap, VisibleHidesTheRest) {
  const TimeMap map = map_of({Visible{{{5, 10}, {20, 20}}}});
  EXPECT_EQ(frame_at(map, 4), -1);
  EXPECT_EQ(frame_at(map, 5), 5);
  EXPECT_EQ(frame_at(map, 10), 10);
  EXPECT_EQ(frame_at(map, 11), -1);
  EXPECT_EQ(frame_at(map, 20), 20);
}

TEST(TimeMap, EditsApplyInTheOrderGiven) {
  const TimeMap freeze_then_move = map_of({Freeze{20, 30, 40}, Offset{100, Outside::kHold}});
  EXPECT_EQ(frame_at(freeze_then_move, 135), 20);
  const TimeMap move_then_freeze = map_of({Offset{100}, Freeze{120, 130, 140}});
  EXPECT_EQ(frame_at(move_then_freeze, 135), 20);
  EXPECT_EQ(frame_at(move_then_freeze, 145), 45);
  EXPECT_EQ(frame_at(map_of({Speed{2, 0, kEnd}, Offset{10}}), 20), 20);
  EXPECT_EQ(frame_at(map_of({Offset{10}, Speed{2, 0, kEnd}}), 20), 30);
}

TEST(TimeMap, WholeFramesSurviveRoundingOfSeconds) {
  const double third = 1.0 / 3.0;
  EXPECT_EQ(frame_at(map_of({Offset{third * 30}}), 10), 0);
  EXPECT_EQ(frame_at(map_of({Visible{{{10.0000001, 20}}}}), 10), 10);
}

// Bounds of single numbers do not bound a chain of them.
TEST(TimeMap, TimesThatAreNoNumbersShowNothing) {
  const double huge = std::numeric_limits<double>::max();
  const std::vector<Verb> verbs = {Offset{huge, Outside::kHold}, Speed{huge, 0, kEnd, Outside::kHold, Sampling::kBlend},
                                   Speed{huge, -kEnd, kEnd, Outside::kHold}};
  for (const double t : {0.0, 1.0, huge})
    if (const auto position = map_of(verbs)(t)) {
      EXPECT_GE(position->frame, 0);
      EXPECT_LT(position->next, kFrames);
    }
  EXPECT_FALSE(map_of({Offset{kEnd, Outside::kHold}})(kEnd).has_value());
}

TEST(LayerInstances, CopiesOfCopiesHaveALimit) {
  Edit edit;
  edit.edits = {{{1}, Duplicate{1, 1, 1000}}};
  EXPECT_EQ(layer_instances(edit, 2, kFrames).size(), 1002U);
  edit.edits.push_back({{1}, Duplicate{1, 1, 1}});
  EXPECT_THROW(layer_instances(edit, 2, kFrames), Error);
}

TEST(LayerInstances, RemoveAndDuplicate) {
  Edit edit;
  edit.edits = {{{2}, Remove{}}, {{1}, Duplicate{10, 0.5, 2}}, {{1}, Offset{1}}};
  const auto instances = layer_instances(edit, 4, kFrames);
  ASSERT_EQ(instances.size(), 5U);
  EXPECT_EQ(instances[0].layer, 0);
  EXPECT_EQ(instances[1].layer, 1);
  EXPECT_EQ(frame_at(instances[1].time, 50), 49);
  EXPECT_EQ(frame_at(instances[2].time, 50), 39);
  EXPECT_EQ(frame_at(instances[3].time, 50), 29);
  EXPECT_EQ(instances[1].opacity, 1);
  EXPECT_EQ(instances[3].opacity, 0.5);
  EXPECT_EQ(instances[4].layer, 3);
}

TEST(LayerInstances, OnlyTheBackgroundHoldsByItself) {
  const auto instances = layer_instances({}, 2, kFrames);
  EXPECT_EQ(frame_at(instances[0].time, 120), 99);
  EXPECT_EQ(frame_at(instances[1].time, 120), -1);
}

}  // namespace
}  // namespace retime

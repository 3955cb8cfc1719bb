#include "data/follow/people_tracker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/follow/drawn_people.hpp"

namespace retime {
namespace {

using test::DrawnPeople;
using test::walking;
using testing::HasSubstr;

double mask_iou(const DrawnPeople& clip, const FollowedPerson& person, std::size_t who, int t) {
  const cv::Mat truth = clip.mask(who, t),
                mask = full_mask(person.masks.frames.at(static_cast<std::size_t>(t)), clip.size());
  return static_cast<double>(cv::countNonZero(mask & truth)) / std::max(1, cv::countNonZero(mask | truth));
}

TEST(PeopleTracker, WhoComesInLaterIsFollowedFromHisFirstFrame) {
  DrawnPeople clip(30, {{walking({60, 100}, {4, 0}), test::kRedBody, 100, 3, 25}});
  const auto people = follow_people(clip, clip, {});
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0].masks.name, "object_1");
  EXPECT_EQ(first_frame(people[0].masks), 3);
  EXPECT_EQ(last_frame(people[0].masks), 25);
  EXPECT_LE(clip.searches, 6) << "boxes are searched now and then, not in every frame";
  for (int t = 3; t <= 25; ++t) EXPECT_GT(mask_iou(clip, people[0], 0, t), 0.85) << t;
  EXPECT_EQ(people[0].confidence.size(), 30U);
  EXPECT_EQ(people[0].confidence[2], 0);
  EXPECT_FLOAT_EQ(people[0].confidence[3], 1);
  EXPECT_NEAR(people[0].joints[10][kNose].x, 100, 0.1);
  EXPECT_FALSE(people[0].joints[28][kNose].is_known());
  EXPECT_THAT(report_of(people[0]), HasSubstr("frames 3 to 25, seen in 23 (confidence 1.00), 0 gaps, 0 crossings"));
}

TEST(PeopleTracker, TwoWhoCrossKeepTheirNames) {
  DrawnPeople clip(48, {{walking({50, 100}, {5, 0}), test::kRedBody}, {walking({270, 106}, {-5, 0}), test::kBlueBody}});
  const auto people = follow_people(clip, clip, {});
  ASSERT_EQ(people.size(), 2U);
  const std::size_t red = mask_iou(clip, people[0], 0, 2) > 0.5 ? 0 : 1;
  for (const int t : {2, 10, 38, 46}) {
    EXPECT_GT(mask_iou(clip, people[red], 0, t), 0.8) << t;
    EXPECT_GT(mask_iou(clip, people[1 - red], 1, t), 0.8) << t;
  }
  EXPECT_EQ(people[0].crossings, 1);
}

TEST(PeopleTracker, WhoIsLostIsLookedForWhereTheWayLed) {
  test::DrawnPerson walker{walking({60, 100}, {4, 0}), test::kRedBody};
  walker.found_until = 9;
  walker.hidden = 14, walker.shown = 19;
  DrawnPeople clip(40, {walker});
  const auto people = follow_people(clip, clip, {});
  ASSERT_EQ(people.size(), 1U);
  for (const int t : {13, 20, 39}) EXPECT_GT(mask_iou(clip, people[0], 0, t), 0.85) << t;
  EXPECT_THAT(report_of(people[0]), HasSubstr("seen in 35"));
}

TEST(PeopleTracker, WhoHasNoBoxMustMoveToBeSomebody) {
  DrawnPeople clip(20, {{walking({60, 100}, {4, 0}), test::kRedBody, 100, 0, 19, false},
                        {walking({260, 100}, {0, 0}), test::kBlueBody, 100, 0, 19, false}});
  const auto people = follow_people(clip, clip, {});
  ASSERT_EQ(people.size(), 1U);
  EXPECT_GT(mask_iou(clip, people[0], 0, 10), 0.85);
}

TEST(PeopleTracker, AShortClipShowsPeopleToo) {
  DrawnPeople clip(3, {{walking({60, 100}, {4, 0}), test::kRedBody}});
  EXPECT_EQ(follow_people(clip, clip, {}).size(), 1U);
}

TEST(PeopleTracker, NobodyIsAnEmptyList) {
  DrawnPeople clip(10, {});
  EXPECT_TRUE(follow_people(clip, clip, {}).empty());
}

}  // namespace
}  // namespace retime

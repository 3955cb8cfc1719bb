#include "data/follow/split_people.hpp"

#include <gtest/gtest.h>

#include "tests/data/follow/drawn_people.hpp"

namespace retime {
namespace {

using test::DrawnPeople;
using test::walking;

/// What a network sees of two who cross: each alone while they are apart; one mask over both, called the nearer one's,
/// while they touch.
std::vector<Tracklet> seen_as_one(const DrawnPeople& clip, int first_touch, int last_touch) {
  std::vector<Tracklet> people(2);
  for (int t = 0; t < clip.count(); ++t)
    for (std::size_t who : {0U, 1U}) {
      const bool touch = t >= first_touch && t <= last_touch;
      if (touch && who == 0) continue;
      cv::Mat mask = clip.mask(who, t);
      if (touch) mask |= clip.mask(0, t);
      Pose pose = test::body_pose(clip.hips(who, t), 100);
      mask.convertTo(pose.mask, CV_32F, 1 / 255.0);
      people[who].emplace(t, sighting_of(clip.frame(t), pose));
    }
  return people;
}

double soft_iou(const SoftMask& mask, const cv::Mat& truth) {
  const cv::Mat body = mask.part({{0, 0}, truth.size()}) > 0.5F;
  return static_cast<double>(cv::countNonZero(body & truth)) / std::max(1, cv::countNonZero(body | truth));
}

class SplitPeople : public testing::Test {
 protected:
  const DrawnPeople clip_{
      30, {{walking({90, 100}, {5, 0}), test::kRedBody}, {walking({230, 106}, {-5, 0}), test::kBlueBody}}};
  const PeopleContact contact_{{0, 1}, 9, 19};
};

TEST_F(SplitPeople, OneMaskOverTwoIsDividedByFlowAndColours) {
  const auto people = seen_as_one(clip_, 9, 19);
  const auto split = split_people(clip_, people, contact_);
  ASSERT_EQ(split.size(), 2U);
  for (int t = 9; t <= 19; ++t) {
    EXPECT_GT(soft_iou(split[1].at(t), clip_.mask(1, t)), 0.85) << t;
    if (cv::countNonZero(clip_.mask(0, t)) > 800) {
      EXPECT_GT(soft_iou(split[0].at(t), clip_.mask(0, t)), 0.7) << t;
    }
  }
  EXPECT_LT(soft_iou(people[1].at(12).mask, clip_.mask(1, 12)), 0.75) << "the network's own";
}

TEST_F(SplitPeople, OneCleanSideIsEnough) {
  auto people = seen_as_one(clip_, 9, 19);
  for (auto& person : people) person.erase(person.lower_bound(20), person.end());
  const auto split = split_people(clip_, people, contact_);
  ASSERT_EQ(split.size(), 2U);
  EXPECT_GT(soft_iou(split[1].at(11), clip_.mask(1, 11)), 0.85);
}

TEST_F(SplitPeople, WithoutACleanFrameNothingIsSplit) {
  auto people = seen_as_one(clip_, 0, 29);
  EXPECT_TRUE(split_people(clip_, people, {{0, 1}, 0, 29}).empty());
}

}  // namespace
}  // namespace retime

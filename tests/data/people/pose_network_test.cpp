#include "data/people/pose_network.hpp"

#include <gtest/gtest.h>

#include "tests/data/people/people_frames.hpp"

namespace retime {
namespace {

const cv::Rect2f kStandingBox(368, 36, 132, 338);

TEST(PoseNetwork, APersonHasPointsAndAMaskWhereTheBodyIs) {
  RETIME_NEED_PEOPLE_MODELS();
  PoseNetwork network(require_people_models());
  const cv::Mat frame = people_frame("standing");
  const Pose pose = network.estimate(frame, network.region_of(frame, kStandingBox));
  EXPECT_GT(pose.score, 0.8F);
  for (const int ankle : {27, 28}) {
    EXPECT_NEAR(pose.points[ankle].place.x, 435, 45) << ankle;
    EXPECT_NEAR(pose.points[ankle].place.y, 355, 30) << ankle;
  }
  for (const int shoulder : {11, 12}) EXPECT_NEAR(pose.points[shoulder].place.y, 105, 30) << shoulder;
  ASSERT_EQ(pose.mask.size(), frame.size());
  EXPECT_GT(pose.mask.at<float>(150, 430), 0.9F);  // his back
  EXPECT_LT(pose.mask.at<float>(150, 600), 0.1F);  // the pillar
  const cv::Rect around = cv::boundingRect(pose.mask > 0.5F);
  EXPECT_GT((cv::Rect2f(around) & kStandingBox).area() / (cv::Rect2f(around) | kStandingBox).area(), 0.7F) << around;
}

TEST(PoseNetwork, ABoxOfTheLegsLeadsToTheWholeBody) {
  RETIME_NEED_PEOPLE_MODELS();
  PoseNetwork network(require_people_models());
  const cv::Mat frame = people_frame("walking");
  const Pose pose = network.estimate(frame, network.region_of(frame, {492, 154, 202, 245}));
  EXPECT_GT(pose.score, 0.8F);
  EXPECT_GT(pose.mask.at<float>(180, 620), 0.9F);  // her back
  EXPECT_GT(pose.mask.at<float>(80, 680), 0.5F);   // her head
}

TEST(PoseNetwork, TheNextRegionHoldsTheSamePerson) {
  RETIME_NEED_PEOPLE_MODELS();
  PoseNetwork network(require_people_models());
  const cv::Mat frame = people_frame("standing");
  const Pose first = network.estimate(frame, network.region_of(frame, kStandingBox));
  const Pose second = network.estimate(frame, first.next);
  EXPECT_GT(second.score, 0.8F);
  EXPECT_LT(cv::norm(second.next.centre - first.next.centre), 0.05F * first.next.side);
}

TEST(PoseNetwork, NobodyHasALowScore) {
  RETIME_NEED_PEOPLE_MODELS();
  PoseNetwork network(require_people_models());
  EXPECT_LT(network.estimate(people_frame("empty"), {{150, 330}, 250, 0}).score, 0.5F);
}

}  // namespace
}  // namespace retime

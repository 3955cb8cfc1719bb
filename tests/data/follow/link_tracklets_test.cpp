#include "data/follow/link_tracklets.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "data/follow/appearance.hpp"
#include "tests/data/follow/bodies.hpp"

namespace retime {
namespace {

using test::body_sighting;
using test::kBlueBody;
using test::kRedBody;

constexpr float kBodySize = 100;

Tracklet walk(int first, int last, const std::function<float(int)>& x, const cv::Scalar& colour, float y = 100) {
  Tracklet tracklet;
  for (int t = first; t <= last; ++t) tracklet.emplace(t, body_sighting({x(t), y}, kBodySize, colour));
  return tracklet;
}

float to_the_right(int t) { return 60.0F + 5 * t; }
float to_the_left(int t) { return 260.0F - 5 * t; }

std::vector<Tracklet> people_of(const std::vector<Tracklet>& tracklets) { return linked(tracklets, test::kBodyFrames); }

bool looks(const Tracklet& person, int frame, const cv::Scalar& colour) {
  return likeness(person.at(frame).appearance, body_sighting({100, 100}, kBodySize, colour).appearance) > 0.8F;
}

TEST(LinkTracklets, AGapIsBridged) {
  const auto people = people_of({walk(0, 9, to_the_right, kRedBody), walk(16, 25, to_the_right, kRedBody)});
  ASSERT_EQ(people.size(), 1U);
  EXPECT_EQ(people[0].size(), 20U);
}

TEST(LinkTracklets, WhoLooksDifferentIsSomebodyElse) {
  const auto people = people_of({walk(0, 9, to_the_right, kRedBody), walk(16, 25, to_the_right, kBlueBody)});
  EXPECT_EQ(people.size(), 2U);
}

TEST(LinkTracklets, WhoIsFarAwayAtOnceIsSomebodyElse) {
  const auto far = [](int) { return 290.0F; };
  EXPECT_EQ(people_of({walk(0, 9, to_the_right, kRedBody), walk(11, 20, far, kRedBody)}).size(), 2U);
}

TEST(LinkTracklets, WhoLeavesTheFrameAndComesBackLaterIsSomebodyElse) {
  const auto out = [](int t) { return 290.0F + 2 * t; };
  const auto in = [](int t) { return 330.0F - t; };
  EXPECT_EQ(people_of({walk(0, 9, out, kRedBody), walk(30, 40, in, kRedBody)}).size(), 2U);
  EXPECT_EQ(people_of({walk(0, 9, out, kRedBody), walk(14, 24, in, kRedBody)}).size(), 1U) << "he looked in again";
}

TEST(LinkTracklets, TracksThatSwapBodiesWhileTheyTouchAreDealtAnew) {
  // Red and blue meet at frame 20; each tracklet goes on with the other's body, as a network may.
  auto first = walk(0, 20, to_the_right, kRedBody), second = walk(0, 20, to_the_left, kBlueBody);
  first.merge(walk(21, 40, to_the_left, kBlueBody));
  second.merge(walk(21, 40, to_the_right, kRedBody));
  const auto people = people_of(cut_at_contacts({first, second}));
  ASSERT_EQ(people.size(), 2U);
  for (const auto& person : people) {
    EXPECT_EQ(person.size(), 41U);
    for (const auto& colour : {kRedBody, kBlueBody}) EXPECT_EQ(looks(person, 5, colour), looks(person, 35, colour));
  }
}

TEST(LinkTracklets, WhoIsHiddenForAWhileComesBackAsHimself) {
  // Blue is lost behind red, and the one tracklet that is left goes on with blue's body.
  auto first = walk(0, 20, to_the_right, kRedBody);
  first.merge(walk(21, 40, to_the_left, kBlueBody));
  const auto people =
      people_of(cut_at_contacts({first, walk(0, 20, to_the_left, kBlueBody), walk(27, 40, to_the_right, kRedBody)}));
  ASSERT_EQ(people.size(), 2U);
  for (const auto& person : people)
    for (const auto& colour : {kRedBody, kBlueBody}) EXPECT_EQ(looks(person, 5, colour), looks(person, 35, colour));
}

TEST(LinkTracklets, WhoLooksTheSameGoesOnAsHimself) {
  const auto people =
      people_of(cut_at_contacts({walk(0, 40, to_the_right, kRedBody), walk(0, 40, to_the_left, kRedBody, 104)}));
  ASSERT_EQ(people.size(), 2U);
  EXPECT_LT(people[0].at(0).hips().x, people[0].at(40).hips().x);
  EXPECT_GT(people[1].at(0).hips().x, people[1].at(40).hips().x);
}

TEST(LinkTracklets, PeopleAreInOrderOfAppearance) {
  const auto people = people_of({walk(5, 30, to_the_left, kBlueBody, 80), walk(0, 30, to_the_right, kRedBody)});
  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[0].begin()->first, 0);
}

}  // namespace
}  // namespace retime

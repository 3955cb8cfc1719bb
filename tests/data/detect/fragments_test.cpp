#include "data/detect/fragments.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

BoxMask rectangle(const cv::Rect& box) { return {box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))}; }

const cv::Rect kBody(50, 40, 30, 60);

TEST(Fragments, LieBesideABodyOrAboveOrBelowIt) {
  EXPECT_TRUE(adjoins({55, 102, 12, 14}, kBody)) << "feet below";
  EXPECT_TRUE(adjoins({55, 20, 12, 14}, kBody)) << "head above";
  EXPECT_TRUE(adjoins({44, 60, 6, 20}, kBody)) << "an arm beside";
  EXPECT_FALSE(adjoins({95, 60, 12, 20}, kBody)) << "too far beside";
  EXPECT_FALSE(adjoins({55, 130, 12, 14}, kBody)) << "too far below";
  EXPECT_FALSE(adjoins({}, kBody));
  EXPECT_FALSE(adjoins({55, 102, 12, 14}, {}));
}

// Ten frames, in `near` of which the small part is at the body.
SparseMasks legs(int near) {
  SparseMasks part;
  for (int t = 0; t < 10; ++t) part[t] = rectangle({t < near ? 55 : 110, 102, 12, 14});
  return part;
}

SparseMasks body(const cv::Rect& box) {
  SparseMasks whole;
  for (int t = 0; t < 10; ++t) whole[t] = rectangle(box);
  return whole;
}

TEST(Fragments, AreThereForMostOfTheirLife) {
  EXPECT_TRUE(is_fragment(legs(10), body(kBody)));
  EXPECT_TRUE(is_fragment(legs(8), body(kBody)));
  EXPECT_FALSE(is_fragment(legs(5), body(kBody)));
  EXPECT_FALSE(is_fragment({}, body(kBody)));
  EXPECT_FALSE(is_fragment(body(kBody), body(kBody))) << "somebody of the same size";
}

TEST(Fragments, JoinTheWholeInTheirOwnFramesToo) {
  SparseMasks part{{3, rectangle({55, 102, 12, 14})}, {20, rectangle({55, 102, 12, 14})}};
  SparseMasks whole = body(kBody);
  absorb(part, whole);
  EXPECT_TRUE(part.empty());
  EXPECT_EQ(whole.at(2).area(), kBody.area());
  EXPECT_EQ(whole.at(3).area(), kBody.area() + 12 * 14);
  EXPECT_EQ(whole.at(20).area(), 12 * 14);
}

}  // namespace
}  // namespace retime

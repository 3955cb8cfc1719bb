#include "data/complete/contacts.hpp"

#include <gtest/gtest.h>

#include "data/complete/walkers.hpp"

namespace retime {
namespace {

using test::kStreet;

BoxMask patch(const cv::Rect& box) { return {box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))}; }

/// Boxes of 20x40 that start at columns `left`; none where that is negative.
MaskTrack boxes_at(const std::vector<int>& left) {
  MaskTrack track;
  for (const int x : left) track.frames.push_back(x < 0 ? BoxMask{} : patch({x, 40, 20, 40}));
  return track;
}

TEST(Contacts, LastAsLongAsMasksTouch) {
  const std::vector<MaskTrack> tracks{boxes_at({10, 10, 10, 10, 10, 10, 10, 10, 10}),
                                      boxes_at({60, 30, 30, 60, 30, 60, 60, 60, 31})};
  const auto contacts = find_contacts(tracks, kStreet);
  ASSERT_EQ(contacts.size(), 2U);
  EXPECT_EQ(contacts[0].first, 1);
  EXPECT_EQ(contacts[0].last, 4) << "a short break does not end it";
  EXPECT_EQ(contacts[1].first, 8) << "a pixel between them is still a touch";
}

TEST(Contacts, GoOnWhileOneHasVanished) {
  const std::vector<MaskTrack> tracks{boxes_at({10, 10, 10, 10, 10, 10, 10}), boxes_at({60, 30, -1, -1, -1, -1, 60})};
  const auto contacts = find_contacts(tracks, kStreet);
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(contacts[0].first, 1);
  EXPECT_EQ(contacts[0].last, 5);
}

TEST(Contacts, WhoLeavesIsNotHidden) {
  const std::vector<MaskTrack> tracks{boxes_at({10, 10, 10, 10}), boxes_at({60, 30, -1, -1})};
  const auto contacts = find_contacts(tracks, kStreet);
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(contacts[0].last, 1);
}

TEST(MasksAreWhole, WhereTheyOverlapByMoreThanARim) {
  const auto walk = test::crossing();
  EXPECT_TRUE(masks_are_whole(walk.whole, kStreet));
  EXPECT_FALSE(masks_are_whole(walk.visible, kStreet));
  EXPECT_FALSE(masks_are_whole({boxes_at({10, 10}), boxes_at({24, 24})}, kStreet)) << "both three pixels too large";
  EXPECT_TRUE(masks_are_whole({boxes_at({10, 10}), boxes_at({22, 22})}, kStreet));
}

}  // namespace
}  // namespace retime

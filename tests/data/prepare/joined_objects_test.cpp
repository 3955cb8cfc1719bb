#include "data/prepare/joined_objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

using testing::HasSubstr;

constexpr auto kVisible = MasksShow::kVisibleParts;

/// A box of 20 x 40 pixels that goes two pixels a frame, in the frames that `is_there` names.
MaskTrack walker(const std::string& name, int left, const std::string& is_there, int width = 20) {
  MaskTrack track{name, {}};
  for (std::size_t t = 0; t < is_there.size(); ++t) {
    const cv::Rect box(left + 2 * static_cast<int>(t), 10, width, 40);
    track.frames.push_back(is_there[t] == 'x' ? BoxMask(box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))) : BoxMask());
  }
  return track;
}

/// 'x': a mask, '0': an empty one, '.': none.
NamedObjects named(const MaskTrack& track, const std::string& told) {
  std::vector<bool> frames;
  for (const char c : told) frames.push_back(c != '.');
  return {{track}, {frames}};
}

std::string frames_of(const MaskTrack& track) {
  std::string result;
  for (const auto& mask : track.frames) result += mask.empty() ? '.' : 'x';
  return result;
}

TEST(JoinedObjects, WhatIsFoundFillsFramesWithoutAMask) {
  auto found = walker("object_1", 12, "xxxxxx");
  found.notes = {"a person"};
  const auto objects = joined_objects(named(walker("anna", 10, "x.x..."), "x.x0.."), {found}, kVisible);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].name, "anna");
  EXPECT_EQ(frames_of(objects[0]), "xxx.xx") << "an empty mask says that nobody is there";
  EXPECT_EQ(objects[0].frames[0].box.x, 10) << "masks win";
  EXPECT_EQ(objects[0].frames[1].box.x, 14);
  EXPECT_THAT(objects[0].notes, testing::ElementsAre("a person", "masks in 2 frames, found in 3 more"));
}

TEST(JoinedObjects, WhatMasksDoNotNameIsAdded) {
  const auto objects = joined_objects(
      named(walker("object_1", 10, "xxxx"), "xxxx"),
      {walker("object_1", 70, "xxxx"), walker("object_2", 11, "xxxx"), walker("object_3", 110, "..xx")}, kVisible);
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0].frames[0].box.x, 10);
  EXPECT_EQ(objects[1].name, "object_2") << "the name is taken";
  EXPECT_EQ(objects[1].frames[0].box.x, 70);
  EXPECT_EQ(objects[2].name, "object_3");
}

TEST(JoinedObjects, PixelsThatMasksNameBelongToThem) {
  const auto ball = walker("ball", 10, "xxxx", 8), player = walker("object_1", 10, "xxxx", 40);
  const auto seen = joined_objects(named(ball, "xxxx"), {player}, kVisible);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[1].frames[0].box, cv::Rect(18, 10, 32, 40));
  const auto whole = joined_objects(named(ball, "xxxx"), {player}, MasksShow::kWholeBodies);
  EXPECT_EQ(whole[1].frames[0].box.width, 40) << "whole bodies may overlap";
}

TEST(JoinedObjects, APartOfANamedObjectIsNoObject) {
  const auto objects =
      joined_objects(named(walker("pair", 10, "xx.."), "xx.."), {walker("object_1", 24, "xxxx", 7)}, kVisible);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(frames_of(objects[0]), "xx..");
}

}  // namespace
}  // namespace retime

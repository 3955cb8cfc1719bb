#include "data/prepare/doubts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr Size kPicture{320, 200};

MaskTrack standing(const cv::Rect& box, int frames) {
  MaskTrack track{"object_2", {}};
  for (int t = 0; t < 20; ++t)
    track.frames.push_back(t < frames ? BoxMask(box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))) : BoxMask());
  return track;
}

TEST(Doubts, WhatFloatsAboveEverybodysFeetIsDoubtful) {
  const std::vector<MaskTrack> people{standing({40, 60, 30, 100}, 20)};
  EXPECT_THAT(doubt_of(standing({150, 40, 60, 60}, 20), {people, kPicture, 12}), testing::HasSubstr("anybody stands"));
  EXPECT_EQ(doubt_of(standing({150, 100, 60, 60}, 20), {people, kPicture, 12}), "");
  EXPECT_EQ(doubt_of(standing({150, 40, 60, 60}, 20), {{}, kPicture, 12}), "") << "nobody to compare with";
}

TEST(Doubts, WhatIsSmallAndSoonGoneIsDoubtful) {
  EXPECT_THAT(doubt_of(standing({150, 40, 15, 15}, 10), {{}, kPicture, 12}), testing::HasSubstr("seen in 10 frames"));
  EXPECT_EQ(doubt_of(standing({150, 40, 15, 15}, 20), {{}, kPicture, 12}), "");
  EXPECT_EQ(doubt_of(standing({150, 40, 60, 60}, 10), {{}, kPicture, 12}), "");
}

TEST(Doubts, AreInTheNotesAndToldOfWhoStays) {
  auto thing = standing({150, 40, 15, 15}, 10), other = standing({150, 40, 60, 60}, 20);
  testing::internal::CaptureStdout();
  note_doubt(thing, {{}, kPicture, 12});
  note_doubt(other, {{}, kPicture, 12});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_THAT(thing.notes, testing::ElementsAre(testing::HasSubstr("may be no object")));
  EXPECT_TRUE(other.notes.empty());
  testing::internal::CaptureStdout();
  tell_doubts({thing, other});
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("object_2, frames 0 to 9, may be no object"));
  testing::internal::CaptureStdout();
  tell_doubts({other});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace retime

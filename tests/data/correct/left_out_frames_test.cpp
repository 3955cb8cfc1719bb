#include "data/correct/left_out_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/correct/box_tracks.hpp"

namespace retime {
namespace {

using testing::ElementsAre;

// An object in the frames that `is_there` names with an x, two pixels further in each; `out` names those left out.
class LeftOutFrames {
 public:
  LeftOutFrames(const std::string& is_there, const std::string& out) {
    std::vector<bool> left_out;
    for (std::size_t t = 0; t < is_there.size(); ++t) {
      const cv::Rect box(10 + 2 * static_cast<int>(t), 10, 10, 20);
      masks.push_back(is_there[t] == 'x' ? BoxMask(box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))) : BoxMask());
      origin.push_back(7);
      left_out.push_back(out[t] == 'x');
    }
    fill_left_out(left_out, test::kBoxFrame, masks, origin);
  }
  int left(std::size_t frame) const { return masks[frame].empty() ? -1 : masks[frame].box.x; }

  std::vector<BoxMask> masks;
  std::vector<int> origin;
};

TEST(FillLeftOut, WhoIsThereBeforeAndAfterIsOnTheStraightWay) {
  const LeftOutFrames filled("xx...x", "..xxx.");
  EXPECT_THAT(filled.origin, ElementsAre(7, 7, -1, -1, -1, 7));
  for (const std::size_t t : {2U, 3U, 4U}) EXPECT_NEAR(filled.left(t), 10 + 2 * static_cast<int>(t), 1) << t;
  EXPECT_EQ(filled.left(1), 12) << "others stay";
}

TEST(FillLeftOut, WhatWasFoundInThemDoesNotCount) {
  const LeftOutFrames filled("xxx..", ".xx..");
  EXPECT_EQ(filled.left(0), 10);
  EXPECT_EQ(filled.left(1), -1) << "it is gone after them";
  EXPECT_EQ(filled.left(2), -1);
}

TEST(FillLeftOut, AtTheEndsOfTheClipSomebodyStays) {
  const LeftOutFrames filled("..xx..", "xx..xx");
  EXPECT_THAT((std::vector{filled.left(0), filled.left(1), filled.left(4), filled.left(5)}),
              ElementsAre(14, 14, 16, 16));
}

TEST(FillLeftOut, TheShapeIsThatOfTheNearerFrame) {
  const cv::Rect small(10, 10, 8, 20), large(10, 10, 24, 20);
  std::vector<BoxMask> masks{BoxMask(small, cv::Mat(small.size(), CV_8U, cv::Scalar(255))),
                             {},
                             {},
                             {},
                             BoxMask(large, cv::Mat(large.size(), CV_8U, cv::Scalar(255)))};
  std::vector<int> origin(5, 0);
  fill_left_out({false, true, true, true, false}, test::kBoxFrame, masks, origin);
  EXPECT_NEAR(masks[1].box.width, 8, 1);
  EXPECT_NEAR(masks[3].box.width, 24, 1);
}

}  // namespace
}  // namespace retime

#include "data/people/overlaps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(Overlaps, OfBoxesThatOverlapTheBestStays) {
  const std::vector<cv::Rect2f> boxes = {{0, 0, 10, 10}, {1, 0, 10, 10}, {8, 0, 10, 10}};
  EXPECT_FLOAT_EQ(box_iou(boxes[0], boxes[1]), 90.0F / 110);
  EXPECT_THAT(non_maximum_suppression(boxes, {0.5F, 0.9F, 0.7F}, 0.45F), testing::ElementsAre(1, 2));
}

}  // namespace
}  // namespace retime

#include "data/people/person_detector.hpp"

#include <gtest/gtest.h>

#include "data/people/overlaps.hpp"
#include "tests/data/people/people_frames.hpp"

namespace retime {
namespace {

constexpr float kWellPlaced = 0.7F;

TEST(PersonDetector, OnePersonIsOneBox) {
  RETIME_NEED_PEOPLE_MODELS();
  PersonDetector detector(require_people_models());
  for (const int tiles : {1, 2}) {
    const auto standing = detector.detect(people_frame("standing"), tiles);
    ASSERT_EQ(standing.size(), 1U) << tiles;
    EXPECT_GT(box_iou(standing[0].box, {368, 36, 132, 338}), kWellPlaced) << standing[0].box;
  }
}

TEST(PersonDetector, ATableIsNobody) {
  RETIME_NEED_PEOPLE_MODELS();
  PersonDetector detector(require_people_models());
  EXPECT_TRUE(detector.detect(people_frame("empty"), 3).empty());
}

TEST(PersonDetector, TilesFindWhoIsSmall) {
  RETIME_NEED_PEOPLE_MODELS();
  PersonDetector detector(require_people_models());
  cv::Mat wide(432 * 4, 768 * 4, CV_8UC3, cv::Scalar(190, 195, 205));
  const cv::Rect place(768, 432, 768, 432);
  people_frame("standing").copyTo(wide(place));
  const auto found = detector.detect(wide, 3);
  ASSERT_FALSE(found.empty());
  EXPECT_GT(box_iou(found[0].box, {768 + 368, 432 + 36, 132, 338}), kWellPlaced) << found[0].box;
}

}  // namespace
}  // namespace retime

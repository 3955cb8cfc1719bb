#include "data/detect/blobs.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

cv::Mat empty_mask() { return cv::Mat::zeros(100, 120, CV_8U); }
cv::Mat frame_of(const cv::Scalar& rgb) { return {100, 120, CV_8UC3, rgb}; }

BoxMask rectangle(const cv::Rect& box) { return {box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))}; }

TEST(Blobs, ConnectedPartsOfEnoughPixelsAreFound) {
  cv::Mat mask = empty_mask();
  mask(cv::Rect(10, 20, 30, 40)).setTo(255);
  mask(cv::Rect(70, 10, 20, 20)).setTo(255);
  mask(cv::Rect(100, 80, 6, 6)).setTo(255);
  const auto blobs = find_blobs(frame_of({200, 30, 30}), mask, 50);
  ASSERT_EQ(blobs.size(), 2U);
  for (const auto& blob : blobs) {
    const bool first = blob.mask.box == cv::Rect(10, 20, 30, 40);
    EXPECT_TRUE(first || blob.mask.box == cv::Rect(70, 10, 20, 20)) << blob.mask.box;
    EXPECT_EQ(blob.area, first ? 1200 : 400);
    EXPECT_FLOAT_EQ(blob.colours.at<float>(colour_bin({200, 30, 30})), 1);
  }
}

TEST(Blobs, PinholesCloseAndRealHolesStay) {
  cv::Mat mask = empty_mask();
  const cv::Rect body(10, 10, 60, 60);
  mask(body).setTo(255);
  mask(cv::Rect(20, 20, 7, 7)).setTo(0);    // 49 of 3600 pixels
  mask(cv::Rect(40, 35, 15, 15)).setTo(0);  // 225: between an arm and a body
  const auto blobs = find_blobs(frame_of({90, 90, 90}), mask, 50);
  ASSERT_EQ(blobs.size(), 1U);
  const cv::Mat crop = blobs[0].mask.crop();
  EXPECT_EQ(cv::countNonZero(crop(cv::Rect(10, 10, 7, 7))), 49);
  EXPECT_EQ(crop.at<uchar>(32, 37), 0);
}

TEST(Blobs, HistogramsTellColoursApart) {
  cv::Mat frame = frame_of({250, 10, 10});
  frame(cv::Rect(0, 0, 120, 50)).setTo(cv::Scalar(10, 10, 250));
  const auto blue = colour_histogram(frame, rectangle({10, 5, 20, 40}));
  const auto red = colour_histogram(frame, rectangle({10, 55, 20, 40}));
  const auto both = colour_histogram(frame, rectangle({50, 40, 20, 40}));  // a quarter blue
  EXPECT_FLOAT_EQ(histogram_overlap(blue, red), 0);
  EXPECT_FLOAT_EQ(histogram_overlap(red, red), 1);
  EXPECT_FLOAT_EQ(histogram_overlap(both, blue), 0.25F);
  EXPECT_FLOAT_EQ(histogram_overlap(both, red), 0.75F);
}

TEST(Blobs, SharedPixelsAndGapsOfBoxes) {
  EXPECT_EQ(shared_area(rectangle({0, 0, 10, 10}), rectangle({6, 4, 10, 10})), 24);
  EXPECT_EQ(shared_area(rectangle({0, 0, 10, 10}), rectangle({10, 0, 10, 10})), 0);
  cv::Mat half(10, 10, CV_8U, cv::Scalar(0));
  half.rowRange(0, 5).setTo(255);
  EXPECT_EQ(shared_area(BoxMask({0, 0, 10, 10}, half), rectangle({0, 0, 10, 10})), 50);
  EXPECT_FLOAT_EQ(box_gap({0, 0, 10, 10}, {10, 3, 5, 5}), 0);
  EXPECT_FLOAT_EQ(box_gap({0, 0, 10, 10}, {13, 14, 5, 5}), 5);
  EXPECT_FLOAT_EQ(box_gap({13, 14, 5, 5}, {0, 0, 10, 10}), 5);
}

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

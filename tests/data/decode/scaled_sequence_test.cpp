#include "data/decode/scaled_sequence.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

// Two frames of 8x6, the left half of which is as bright as the frame's number says.
class HalfBright final : public FrameSequence {
 public:
  int count() const override { return 2; }
  Size size() const override { return {8, 6}; }
  cv::Mat frame(int index) const override {
    cv::Mat frame = cv::Mat::zeros(6, 8, CV_8UC3);
    frame.colRange(0, 4).setTo(cv::Scalar::all(100 * (index + 1)));
    return frame;
  }
};

TEST(ScaledSequence, GivesTheFramesAtItsSize) {
  const HalfBright source;
  const ScaledSequence half(source, {4, 3});
  EXPECT_EQ(half.count(), 2);
  EXPECT_EQ(half.size(), (Size{4, 3}));
  const cv::Mat frame = half.frame(1);
  ASSERT_EQ(frame.size(), cv::Size(4, 3));
  EXPECT_EQ(frame.at<cv::Vec3b>(1, 1), cv::Vec3b(200, 200, 200));
  EXPECT_EQ(frame.at<cv::Vec3b>(1, 2), cv::Vec3b(0, 0, 0));
  const cv::Mat mixed = ScaledSequence(source, {1, 1}).frame(0);
  EXPECT_EQ(mixed.at<cv::Vec3b>(0, 0), cv::Vec3b(50, 50, 50)) << "the mean of what it covers";
}

TEST(ScaledSequence, LeavesFramesOfItsSizeAsTheyAre) {
  const HalfBright source;
  EXPECT_EQ(cv::norm(ScaledSequence(source, {8, 6}).frame(1), source.frame(1), cv::NORM_INF), 0);
}

TEST(SizeUpTo, KeepsTheShapeOfWhatIsWider) {
  EXPECT_EQ(size_up_to({640, 480}, 640), (Size{640, 480}));
  EXPECT_EQ(size_up_to({1280, 720}, 640), (Size{640, 360}));
  EXPECT_EQ(size_up_to({1000, 1}, 10), (Size{10, 1})) << "a row is left";
}

}  // namespace
}  // namespace retime

#include "data/camera/camera_matching.hpp"

#include <gtest/gtest.h>

#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::PanningScene;

cv::Matx33d matrix(const Homography& h) { return cv::Matx33d(h.data()); }

/// The true homography from frame 0 to frame `t`, in pixels of the frames.
cv::Matx33d truth(const PanningScene& scene, int t) {
  const auto path = scene.camera();
  const auto in_frames = [&](int frame) {
    return in_scaled_pixels(path.frame_from_plane[static_cast<std::size_t>(frame)], 2, 2);
  };
  return matrix(in_frames(t)) * matrix(in_frames(0)).inv();
}

/// Largest distance in pixels between where two homographies have the frame's corners.
double corner_error(const cv::Matx33d& a, const cv::Matx33d& b, Size size) {
  const std::vector<cv::Point2d> corners{
      {0, 0}, {size.width - 1.0, 0}, {0, size.height - 1.0}, {size.width - 1.0, size.height - 1.0}};
  std::vector<cv::Point2d> at_a, at_b;
  cv::perspectiveTransform(corners, at_a, a);
  cv::perspectiveTransform(corners, at_b, b);
  double worst = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) worst = std::max(worst, cv::norm(at_a[i] - at_b[i]));
  return worst;
}

class CameraMatching : public testing::Test {
 protected:
  CameraFrame seen(int t) const { return camera_frame(scene_.frame(t), scene_.mask(t)); }
  const PanningScene scene_{8, 4.0};
};

TEST_F(CameraMatching, FeaturesLieOnTheBackgroundOnly) {
  const CameraFrame frame = seen(2);
  ASSERT_GT(frame.points.size(), 50U);
  ASSERT_EQ(frame.descriptors.rows, static_cast<int>(frame.points.size()));
  for (const auto& p : frame.points) EXPECT_EQ(scene_.mask(2).at<uchar>(cv::Point(cvRound(p.x), cvRound(p.y))), 0);
}

TEST_F(CameraMatching, FeaturesGiveTheMotionAndAlignmentMakesItExact) {
  const CameraFrame first = seen(0), second = seen(5);
  const FrameMatch rough = match_features(first, second);
  EXPECT_TRUE(rough.is_sure());
  EXPECT_LT(corner_error(rough.second_from_first, truth(scene_, 5), scene_.size()), 6.0);
  const FrameMatch fine =
      align_pictures(first.gray, first.background, second.gray, second.background, rough.second_from_first);
  EXPECT_TRUE(fine.is_sure());
  EXPECT_LT(corner_error(fine.second_from_first, truth(scene_, 5), scene_.size()), 0.3);
}

TEST_F(CameraMatching, AStillCameraIsSeenAsSuch) {
  const PanningScene still(3, 0.0);
  const FrameMatch match =
      match_features(camera_frame(still.frame(0), still.mask(0)), camera_frame(still.frame(2), still.mask(2)));
  EXPECT_TRUE(match.is_sure());
  EXPECT_GT(match.still, 9 * match.inliers / 10);
  const FrameMatch panned = match_features(seen(0), seen(5));
  EXPECT_LT(panned.still, panned.points / 4);
}

TEST_F(CameraMatching, PicturesWithoutCornersAreNotMatched) {
  const cv::Mat flat(128, 192, CV_8UC3, cv::Scalar(90, 90, 90)), nobody = cv::Mat::zeros(128, 192, CV_8U);
  const CameraFrame blank = camera_frame(flat, nobody);
  EXPECT_FALSE(match_features(blank, seen(0)).is_sure());
  EXPECT_FALSE(
      align_pictures(blank.gray, blank.background, blank.gray, blank.background, cv::Matx33d::eye()).is_sure());
}

}  // namespace
}  // namespace retime

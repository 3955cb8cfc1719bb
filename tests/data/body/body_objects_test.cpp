#include "data/body/body_objects.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "core/temporary_folder.hpp"
#include "data/body/tiny_body_network.hpp"
#include "data/keypoints/walking_body.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr SceneSizes kSizes{{100, 80}, {200, 160}};

class BodyObjectsTest : public testing::Test {
 protected:
  /// One that paints the whole square about the joints.
  std::shared_ptr<BodyNetwork> network() const {
    test::TinyBodyNetwork tiny;
    tiny.paint_everywhere(7);
    return std::make_shared<BodyNetwork>(tiny.write(folder_ / "network.h5"));
  }
  static MaskTrack disc(cv::Point centre, int radius) {
    cv::Mat mask = cv::Mat::zeros(kSizes.full.height, kSizes.full.width, CV_8U);
    cv::circle(mask, centre, radius, 255, cv::FILLED);
    return {"a", {box_mask_from_full(mask)}};
  }
  /// Of somebody whose mask is a disc.
  BodyObjects people(const MaskTrack& track, const CocoJoints& joints, OutlineTrust trust) const {
    return {std::make_unique<MaskObjects>(std::vector<MaskTrack>{track}, kSizes), {{joints}}, network(), kSizes, trust};
  }

  test::TemporaryFolder folder_;
};

TEST_F(BodyObjectsTest, MapsFillTheMaskAndNothingElse) {
  const auto mask = disc({100, 80}, 50);
  const auto joints = test::body_at(60, 80, 40);  // its square ends within the disc, and begins beyond it
  const auto objects = people(mask, joints, OutlineTrust::kMasks);
  EXPECT_EQ(objects.parts(0), 24);
  const auto maps = objects.maps(0, 0);
  const cv::Mat iuv = as_mat(maps.iuv_full), body = full_mask(mask.frames[0], kSizes.full);
  cv::Mat part;
  cv::extractChannel(iuv, part, 0);
  EXPECT_EQ(cv::norm(part > 0, body, cv::NORM_INF), 0);
  EXPECT_EQ(iuv.at<cv::Vec3b>(80, 140), cv::Vec3b(7, 128, 128)) << "beyond the square its nearest pixel goes on";
  EXPECT_EQ(as_mat(maps.iuv).at<cv::Vec3b>(40, 50)[0], 7);
  EXPECT_EQ(as_mat(maps.trimap).at<uchar>(40, 73), 255) << "masks are sure up to their outline";
}

TEST_F(BodyObjectsTest, OutlinesThatWerePaintedAreUnknownOnBothSides) {
  const auto objects = people(disc({100, 80}, 50), test::body_at(100, 80, 60), OutlineTrust::kPainted);
  const auto maps = objects.maps(0, 0);
  const cv::Mat trimap = as_mat(maps.trimap);
  EXPECT_EQ(trimap.at<uchar>(40, 74), 128);
  EXPECT_EQ(trimap.at<uchar>(40, 76), 128);
  EXPECT_EQ(trimap.at<uchar>(40, 60), 255);
  EXPECT_EQ(trimap.at<uchar>(40, 90), 0);
}

TEST_F(BodyObjectsTest, WithoutJointsAMapIsThatOfABox) {
  const auto objects = people(disc({100, 80}, 50), CocoJoints{}, OutlineTrust::kMasks);
  EXPECT_EQ(objects.parts(0), 1);
  const auto maps = objects.maps(0, 0);
  EXPECT_EQ(as_mat(maps.iuv_full).at<cv::Vec3b>(80, 100)[0], 1);
}

TEST_F(BodyObjectsTest, PaintedPeopleComeInTheOrderOfTheirIdentities) {
  const auto walk = [](double x, int frames, const std::string& identity) {
    return KeypointTrack{1, std::vector<CocoJoints>(static_cast<std::size_t>(frames), test::body_at(x, 80, 40)),
                         identity};
  };
  const auto tracks =
      painted_people({walk(40, 8, "10"), walk(150, 8, "2"), walk(100, 5, "1")}, *network(), 9, {200, 160});
  ASSERT_EQ(tracks.size(), 2U) << "one is seen too seldom";
  EXPECT_EQ(tracks[0].name, "01");
  EXPECT_GT(tracks[0].frames[1].box.x, 100);
  EXPECT_LT(tracks[1].frames[8].box.x, 40);
  EXPECT_TRUE(tracks[1].frames[0].empty());
}

}  // namespace
}  // namespace retime

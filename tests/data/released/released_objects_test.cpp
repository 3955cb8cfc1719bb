#include "data/released/released_objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/released_fixture.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

using test::message_of;
using test::ReleasedFixture;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr SceneSizes kSizes{ReleasedFixture::kTraining, ReleasedFixture::kFull};

cv::Mat body(int object, int frame, int scale) {
  cv::Mat mask = cv::Mat::zeros(48 * scale, 96 * scale, CV_8U);
  mask(ReleasedFixture::box(object, frame, scale)).setTo(255);
  return mask;
}

cv::Mat iuv_of(const ObjectSource& objects, int object, int frame) {
  return as_mat(objects.maps(object, frame).iuv).clone();
}
cv::Mat iuv_full_of(const ObjectSource& objects, int object, int frame) {
  return as_mat(objects.maps(object, frame).iuv_full).clone();
}
cv::Mat trimap_of(const ObjectSource& objects, int object, int frame) {
  return as_mat(objects.maps(object, frame).trimap).clone();
}

class ReleasedObjectsTest : public testing::Test {
 protected:
  ReleasedObjects read() const { return {ReleasedFolder(fixture_.path(), {}), kSizes}; }
  std::string error() const {
    return message_of<Error>([&] { read(); });
  }

  test::TemporaryFolder folder_;
  ReleasedFixture fixture_{folder_.path()};
};

TEST_F(ReleasedObjectsTest, MasksAreTheWholeBodies) {
  const auto objects = read();
  ASSERT_EQ(objects.tracks().size(), 2U);
  EXPECT_EQ(objects.tracks()[1].name, "02");
  for (int t = 0; t < ReleasedFixture::kFrames; ++t)
    for (std::size_t i = 0; i < 2; ++i) {
      const cv::Mat mask = full_mask(objects.tracks()[i].frames[static_cast<std::size_t>(t)], kSizes.full);
      EXPECT_EQ(cv::countNonZero(mask != body(static_cast<int>(i), t, 2)), 0) << i << " in frame " << t;
    }
}

TEST_F(ReleasedObjectsTest, MapsComeFromTheFiles) {
  const auto objects = read();
  const cv::Mat iuv = iuv_of(objects, 0, 2);
  EXPECT_EQ(iuv.at<cv::Vec3b>(14, 24), cv::Vec3b(1, 0, 0));
  EXPECT_EQ(iuv.at<cv::Vec3b>(14 + 15, 24 + 9), cv::Vec3b(2, 255, 255));
  EXPECT_EQ(iuv.at<cv::Vec3b>(0, 0), cv::Vec3b());
  EXPECT_EQ(objects.parts(0), 24);
  EXPECT_TRUE(objects.order().empty());
}

TEST_F(ReleasedObjectsTest, FullMapsAreEnlargedOrRead) {
  const cv::Mat enlarged = iuv_full_of(read(), 0, 2);
  EXPECT_EQ(enlarged.size(), cv::Size(192, 96));
  EXPECT_EQ(enlarged.at<cv::Vec3b>(28, 48)[0], 1);
  EXPECT_EQ(enlarged.at<cv::Vec3b>(28, 48 + 10)[1], (3 * (255 * 5 / 9) + (255 * 4 / 9) + 2) / 4) << "a quarter between";
  for (int t = 0; t < ReleasedFixture::kFrames; ++t)
    for (int i = 0; i < 2; ++i)
      fixture_.save(ReleasedFixture::kind("iuv_512", i), t, ReleasedFixture::iuv(i, t, 2, i + 1));
  EXPECT_EQ(iuv_full_of(read(), 0, 2).at<cv::Vec3b>(28, 48 + 9)[1], 255 * 9 / 19);
}

TEST_F(ReleasedObjectsTest, TrimapsAreMadeOrRead) {
  EXPECT_EQ(trimap_of(read(), 0, 2).at<uchar>(14, 24), 255);
  EXPECT_EQ(trimap_of(read(), 0, 2).at<uchar>(13, 24), 128);
  cv::Mat painted = cv::Mat::zeros(48, 96, CV_8U);
  painted.at<uchar>(3, 4) = 255, painted.at<uchar>(3, 5) = 128;
  fixture_.save("mask/01", 2, painted);
  EXPECT_EQ(cv::countNonZero(trimap_of(read(), 0, 2) != painted), 0);
  EXPECT_EQ(trimap_of(read(), 0, 3).at<uchar>(14, 30), 255) << "frames without a file";
  fixture_.save("mask/01", 2, cv::Mat::zeros(50, 96, CV_8U));
  EXPECT_THAT(message_of<Error>([&] { trimap_of(read(), 0, 2); }),
              AllOf(HasSubstr("mask/01/0003.png"), HasSubstr("96x50")));
}

// Maps that a network predicted miss and exceed bodies; people paint trimaps to correct that.
TEST_F(ReleasedObjectsTest, WhereATrimapIsSureItDecidesTheMask) {
  cv::Mat painted = cv::Mat::zeros(48, 96, CV_8U);
  painted(ReleasedFixture::box(0, 2, 1) - cv::Point(4, 0)).setTo(255);
  painted.col(30).setTo(128);
  fixture_.save("mask/01", 2, painted);
  const cv::Mat mask = full_mask(read().tracks()[0].frames[2], kSizes.full);
  EXPECT_EQ(mask.at<uchar>(40, 2 * 22), 255) << "painted, not in the map";
  EXPECT_EQ(mask.at<uchar>(40, 2 * 33), 0) << "in the map, painted over";
  EXPECT_EQ(mask.at<uchar>(40, 2 * 30), 255) << "unknown, in the map";
  EXPECT_EQ(mask.at<uchar>(10, 2 * 30), 0) << "unknown, not in the map";
}

TEST_F(ReleasedObjectsTest, PeopleOfOneMapHaveTexturesOfTheirOwn) {
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) {
    cv::Mat both = ReleasedFixture::iuv(0, t, 1, 7);
    const cv::Mat front = ReleasedFixture::iuv(1, t, 1, 4);
    front.copyTo(both, body(1, t, 1));
    fixture_.save("iuv/01", t, both);
  }
  test::remove_tree(fixture_.path() / "iuv/02");
  const auto by_id = read();
  EXPECT_EQ(by_id.parts(0), 48);
  EXPECT_EQ(iuv_of(by_id, 0, 0).at<cv::Vec3b>(14, 12)[0], 24 + 1) << "person 7 comes after 4";
  EXPECT_EQ(iuv_of(by_id, 0, 0).at<cv::Vec3b>(18, 66)[0], 1);
  fixture_.save_metadata(R"({"people_layers": [[7, 4]]})");
  EXPECT_EQ(iuv_of(read(), 0, 0).at<cv::Vec3b>(14, 12)[0], 1);
  EXPECT_TRUE(people_groups(ReleasedFolder(fixture_.path(), {})).empty()) << "the map is the layer";
  fixture_.save_metadata(R"({"people_layers": [[7, 5]]})");
  EXPECT_THAT(error(), AllOf(HasSubstr("iuv/01/0001.png shows person 4"), HasSubstr("7, 5")));
}

TEST_F(ReleasedObjectsTest, PeopleLayersGroupFoldersOfOnePerson) {
  fixture_.save_metadata(R"({"people_layers": [[9, 3]]})");
  EXPECT_THAT(people_groups(ReleasedFolder(fixture_.path(), {})), ElementsAre(ElementsAre(1, 0)));
  fixture_.save_metadata(R"({"people_layers": [[9, 3, 4]]})");
  EXPECT_THAT(message_of<Error>([&] { people_groups(ReleasedFolder(fixture_.path(), {})); }),
              AllOf(HasSubstr("3 people"), HasSubstr("2 folders")));
}

TEST_F(ReleasedObjectsTest, ALayerWithNobodyIsRefused) {
  for (int t = 0; t < ReleasedFixture::kFrames; ++t) fixture_.save("iuv/02", t, cv::Mat::zeros(48, 96, CV_8UC4));
  EXPECT_THAT(error(), AllOf(HasSubstr("'02'"), HasSubstr("empty in every frame")));
}

TEST_F(ReleasedObjectsTest, MapsOfAnotherConventionAreNamed) {
  cv::Mat densepose = cv::Mat::zeros(48, 96, CV_8UC3);
  densepose(cv::Rect(10, 10, 5, 5)).setTo(cv::Scalar(12, 90, 137));
  fixture_.save("iuv/02", 6, densepose);
  EXPECT_THAT(error(), AllOf(HasSubstr("iuv/02/0007.png"), HasSubstr("137"), HasSubstr("DensePose")));
}

}  // namespace
}  // namespace retime

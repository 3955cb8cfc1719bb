#include "data/released/iuv_picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/released_fixture.hpp"

namespace retime {
namespace {

using test::message_of;
using test::ReleasedFixture;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Size kSize{4, 2};

class IuvPictureTest : public testing::Test {
 protected:
  /// One body pixel of these B, G, R, A at 1,1.
  IuvPicture read(const cv::Vec4b& body, int channels = 4) const {
    cv::Mat picture = cv::Mat::zeros(kSize.height, kSize.width, CV_8UC4);
    picture.at<cv::Vec4b>(1, 1) = body;
    if (channels == 3) cv::cvtColor(picture, picture, cv::COLOR_BGRA2BGR);
    cv::imwrite(file_.string(), picture);
    return read_iuv(file_, kSize);
  }
  std::string error(const cv::Vec4b& body, int channels = 4) const {
    return message_of<Error>([&] { read(body, channels); });
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "0007.png";
};

TEST_F(IuvPictureTest, ChannelsAreTaken) {
  const auto picture = read({11, 22, 240, 252});
  EXPECT_EQ(picture.part.at<uchar>(1, 1), 24);
  EXPECT_EQ(picture.u.at<uchar>(1, 1), 22);
  EXPECT_EQ(picture.v.at<uchar>(1, 1), 11);
  EXPECT_THAT(people_in(picture), ElementsAre(3));
  EXPECT_EQ(cv::countNonZero(picture.part), 1);
  EXPECT_EQ(iuv_map(picture, {3}).at<cv::Vec3b>(1, 1), cv::Vec3b(24, 22, 11));
  EXPECT_EQ(iuv_map(picture, {1, 3}).at<cv::Vec3b>(1, 1), cv::Vec3b(48, 22, 11)) << "a texture of its own";
  EXPECT_EQ(iuv_map(picture, {1, 3}).at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 0));
}

TEST_F(IuvPictureTest, WithoutAlphaThereIsOnePerson) {
  EXPECT_THAT(people_in(read({11, 22, 30, 0}, 3)), ElementsAre(1));
}

TEST_F(IuvPictureTest, PersonZeroIsRefused) { EXPECT_THAT(error({11, 22, 30, 255}), HasSubstr("person 0")); }

TEST_F(IuvPictureTest, WrongConventionsAreGuessed) {
  EXPECT_THAT(error({1, 90, 133, 0}, 3), AllOf(HasSubstr("0007.png"), HasSubstr("value 133 at pixel 1,1"),
                                               HasSubstr("blue channel holds only 0 and 1")));
  EXPECT_THAT(error({17, 90, 133, 0}, 3), HasSubstr("DensePose"));
  EXPECT_THAT(error({200, 90, 17, 0}, 3), HasSubstr("red channel goes to 17, so it seems to hold the part itself"));
  EXPECT_THAT(error({200, 90, 233, 254}), HasSubstr("other values than multiples of 10"));
  EXPECT_THAT(error({200, 90, 250, 254}), HasSubstr("value 250")) << "there are 24 parts";
}

TEST_F(IuvPictureTest, AnotherSizeIsRefused) {
  cv::imwrite(file_.string(), cv::Mat::zeros(3, 4, CV_8UC4));
  EXPECT_THAT(message_of<Error>([&] { read_iuv(file_, kSize); }), AllOf(HasSubstr("4x3"), HasSubstr("4x2")));
  cv::imwrite(file_.string(), cv::Mat::zeros(2, 4, CV_8U));
  EXPECT_THAT(message_of<Error>([&] { read_iuv(file_, kSize); }), HasSubstr("1 channel"));
  EXPECT_THROW(read_iuv(folder_ / "none.png", kSize), Error);
}

TEST(IuvFixtures, RealPicturesOfOtherConventionsAreRecognised) {
  const char* data = std::getenv("RETIME_TEST_DATA");
  if (!data) GTEST_SKIP() << "RETIME_TEST_DATA is not set";
  const auto folder = std::filesystem::path(data) / "fixtures";
  const auto wrong = folder / "iuv_wrong_convention/S1_Directions_1.54138969_000001_467_466.png";
  EXPECT_THAT(message_of<Error>([&] { read_iuv(wrong, {1000, 1002}); }), HasSubstr("a UV map with a mask"));
  EXPECT_THAT(message_of<Error>([&] {
                read_iuv(folder / "densepose_iuv/0043_dp.png", {256, 256});
              }),
              HasSubstr("DensePose"));
}

TEST(EnlargeIuv, KeepsPartsApart) {
  cv::Mat iuv(1, 4, CV_8UC3);
  iuv.at<cv::Vec3b>(0, 0) = {1, 0, 10};
  iuv.at<cv::Vec3b>(0, 1) = {1, 100, 10};
  iuv.at<cv::Vec3b>(0, 2) = {2, 250, 200};
  iuv.at<cv::Vec3b>(0, 3) = {0, 0, 0};
  const cv::Mat large = enlarge_iuv(iuv, {8, 2});
  const int parts[] = {1, 1, 1, 1, 2, 2, 0, 0}, u[] = {0, 25, 75, 100, 250, 250, 0, 0};
  for (int x = 0; x < 8; ++x) {
    EXPECT_EQ(large.at<cv::Vec3b>(1, x)[0], parts[x]) << x;
    EXPECT_EQ(large.at<cv::Vec3b>(1, x)[1], u[x]) << x;
  }
}

}  // namespace
}  // namespace retime

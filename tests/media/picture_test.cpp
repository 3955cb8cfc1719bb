#include "media/picture.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <random>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "post/media_probe.hpp"

namespace retime {
namespace {

using test::message_of;
using test::read_png;
using test::TemporaryFolder;

Image noise(Size size, int channels) {
  Image image(size, channels);
  std::mt19937 random(3);
  for (auto& value : image.pixels) value = static_cast<std::uint8_t>(random());
  return image;
}

Image flat(Size size, const std::vector<std::uint8_t>& pixel) {
  Image image(size, static_cast<int>(pixel.size()));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = pixel[i % pixel.size()];
  return image;
}

class PngChannels : public ::testing::TestWithParam<int> {};

TEST_P(PngChannels, PicturesComeBackBitForBit) {
  const TemporaryFolder folder;
  const Image image = noise({37, 21}, GetParam());
  write_png(folder / "a.png", image);
  const Image back = read_png(folder / "a.png");
  EXPECT_EQ(back.size, image.size);
  EXPECT_EQ(back.channels, image.channels);
  EXPECT_EQ(back.pixels, image.pixels);
  EXPECT_EQ(folder.entries(), 1);
}

INSTANTIATE_TEST_SUITE_P(GrayRgbRgba, PngChannels, ::testing::Values(1, 3, 4));

TEST(Png, ErrorsNameTheFile) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of<Error>([&] {
              write_png(folder / "missing" / "a.png", noise({4, 4}, 3));
            }).find("missing/a.png"),
            std::string::npos);
  EXPECT_NE(message_of<Error>([&] {
              write_png(folder / "a.png", noise({4, 4}, 2));
            }).find("2 channels"),
            std::string::npos);
  EXPECT_NE(message_of<Error>([&] { write_png(folder / "a.png", Image()); }).find("empty"), std::string::npos);
  EXPECT_EQ(folder.entries(), 0);
}

TEST(ReadPicture, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  for (const int channels : {1, 3, 4}) {
    const Image image = noise({37, 21}, channels);
    write_png(folder / "a.png", image);
    const Image back = read_picture(folder / "a.png");
    EXPECT_EQ(back.size, image.size);
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.pixels, image.pixels);
  }
}

TEST(ReadPicture, ErrorsNameTheFileAndWhatItIs) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of<Error>([&] { read_picture(folder / "none.png"); }).find("none.png"), std::string::npos);
  write_png(folder / "a.png", noise({8, 6}, 3));
  const auto wrong_size = message_of<Error>([&] { read_picture(folder / "a.png", {8, 8}, 3); });
  EXPECT_NE(wrong_size.find("8x6 with 3"), std::string::npos) << wrong_size;
  EXPECT_THROW(read_picture(folder / "a.png", {8, 6}, 4), Error);
  EXPECT_NO_THROW(read_picture(folder / "a.png", {8, 6}, 3));
}

TEST(ReadPicture, ADamagedFileIsAnError) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "text.png", "not a picture");
  EXPECT_NE(message_of<Error>([&] { read_picture(folder / "text.png"); }).find("text.png"), std::string::npos);
  test::write_bytes(folder / "empty.png", "");
  EXPECT_THROW(read_picture(folder / "empty.png"), Error);
  write_png(folder / "cut.png", noise({64, 64}, 3));
  std::filesystem::resize_file(folder / "cut.png", 4000);
  EXPECT_NE(message_of<Error>([&] { read_picture(folder / "cut.png"); }).find("cut.png"), std::string::npos);
}

TEST(ReadPicture, AnotherDepthIsAnError) {
  const TemporaryFolder folder;
  cv::imwrite((folder / "deep.png").string(), cv::Mat(4, 4, CV_16UC3, cv::Scalar(1, 2, 3)));
  EXPECT_NE(message_of<Error>([&] { read_picture(folder / "deep.png"); }).find("8 bits"), std::string::npos);
}

TEST(ScaleArea, Averages) {
  Image image({4, 2}, 1);
  image.pixels = {0, 100, 10, 20, 100, 200, 30, 40};
  EXPECT_EQ(scale_area(image, {2, 1}).pixels, (std::vector<std::uint8_t>{100, 25}));
  Image thirds({3, 1}, 1);
  thirds.pixels = {0, 90, 240};
  EXPECT_EQ(scale_area(thirds, {2, 1}).pixels, (std::vector<std::uint8_t>{30, 190}));
  EXPECT_EQ(scale_area(flat({97, 31}, {13, 14, 15}), {40, 13}).pixels, flat({40, 13}, {13, 14, 15}).pixels);
}

TEST(ScaleArea, TransparentColoursDoNotBleed) {
  Image image({2, 1}, 4);
  image.pixels = {200, 100, 50, 255, 9, 9, 9, 0};
  EXPECT_EQ(scale_area(image, {1, 1}).pixels, (std::vector<std::uint8_t>{200, 100, 50, 128}));
}

TEST(ScaleArea, RepeatsPixelsWhereItGrows) {
  Image image({2, 1}, 1);
  image.pixels = {10, 90};
  EXPECT_EQ(scale_area(image, {4, 2}).pixels, (std::vector<std::uint8_t>{10, 10, 90, 90, 10, 10, 90, 90}));
}

}  // namespace
}  // namespace retime

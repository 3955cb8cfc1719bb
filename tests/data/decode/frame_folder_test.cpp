#include "data/decode/frame_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "media/picture.hpp"
#include "post/video/frame_sink.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TemporaryFolder;

Image flat(Size size, std::vector<std::uint8_t> pixel) {
  Image image(size, static_cast<int>(pixel.size()));
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = pixel[i % pixel.size()];
  return image;
}

TEST(NaturalOrder, NumbersCountAsNumbers) {
  EXPECT_TRUE(natural_less("frame2.png", "frame10.png"));
  EXPECT_FALSE(natural_less("frame10.png", "frame2.png"));
  EXPECT_TRUE(natural_less("0009.png", "0010.png"));
  EXPECT_TRUE(natural_less("a1b2", "a1b10"));
  EXPECT_TRUE(natural_less("a", "b"));
  EXPECT_FALSE(natural_less("a1", "a1"));
  EXPECT_NE(natural_less("1", "01"), natural_less("01", "1"));
}

TEST(FileNumber, TheLastOneInTheName) {
  EXPECT_EQ(file_number("x/cam2_000012.png"), 12);
  EXPECT_EQ(file_number("12_mask.png"), 12);
  EXPECT_EQ(file_number("mask.png"), std::nullopt);
}

TEST(FrameFolder, ReadsRgbInNaturalOrder) {
  const TemporaryFolder folder;
  for (const int i : {10, 1, 2})
    write_png(folder / (std::to_string(i) + ".png"), flat({5, 4}, {static_cast<std::uint8_t>(i), 100, 200}));
  std::ofstream(folder / "notes.txt") << "no frame";
  FrameFolder frames(folder.path(), {}, {24, 1});
  EXPECT_EQ(frames.count(), 3);
  EXPECT_EQ(frames.info().size, (Size{5, 4}));
  EXPECT_EQ(frames.info().rate.num, 24);
  Image rgb;
  for (const int i : {1, 2, 10}) {
    ASSERT_TRUE(frames.next(rgb));
    EXPECT_EQ(rgb.pixels, flat({5, 4}, {static_cast<std::uint8_t>(i), 100, 200}).pixels);
  }
  EXPECT_FALSE(frames.next(rgb));
}

TEST(FrameFolder, ReadsBackWhatThePngWriterWrites) {
  const TemporaryFolder folder;
  Image noise({33, 17}, 3);
  std::mt19937 random(4);
  for (auto& value : noise.pixels) value = static_cast<std::uint8_t>(random());
  PngFolderWriter writer(folder.path());
  writer.add(noise);
  writer.finish();
  EXPECT_EQ(FrameFolder(folder.path()).read(0).pixels, noise.pixels);
}

TEST(FrameFolder, RangesIncludeBothEnds) {
  const TemporaryFolder folder;
  for (int i = 0; i < 5; ++i)
    write_png(folder / (std::to_string(i) + ".png"), flat({4, 4}, {static_cast<std::uint8_t>(i), 0, 0}));
  FrameFolder frames(folder.path(), {1, 2});
  Image rgb;
  ASSERT_TRUE(frames.next(rgb));
  EXPECT_EQ(rgb.pixels[0], 1);
  ASSERT_TRUE(frames.next(rgb));
  EXPECT_FALSE(frames.next(rgb));
  EXPECT_NE(message_of<Error>([&] { FrameFolder(folder.path(), {5, 9}); }).find("5 frames"), std::string::npos);
}

TEST(FrameFolder, ErrorsNameFilesAndSizes) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of<Error>([&] { FrameFolder(folder / "none"); }).find("none"), std::string::npos);
  EXPECT_NE(message_of<Error>([&] { FrameFolder(folder.path()); }).find("no frames"), std::string::npos);
  write_png(folder / "1.png", flat({4, 4}, {1, 2, 3}));
  write_png(folder / "2.png", flat({6, 4}, {1, 2, 3}));
  std::ofstream(folder / "3.png") << "broken";
  const FrameFolder frames(folder.path());
  const std::string size = message_of<Error>([&] { (void)frames.read(1); });
  EXPECT_NE(size.find("2.png"), std::string::npos);
  EXPECT_NE(size.find("6x4"), std::string::npos);
  EXPECT_NE(size.find("4x4"), std::string::npos);
  EXPECT_NE(message_of<Error>([&] { (void)frames.read(2); }).find("3.png"), std::string::npos);
  write_png(folder / "1.jpg", flat({4, 4}, {1, 2, 3}));
  EXPECT_NE(message_of<Error>([&] { FrameFolder(folder.path()); }).find("1.jpg"), std::string::npos);
}

TEST(OpenFrames, TakesFolders) {
  const TemporaryFolder folder;
  write_png(folder / "1.png", flat({4, 4}, {1, 2, 3}));
  EXPECT_EQ(open_frames(folder.path(), {}, {12, 1})->info().rate.num, 12);
  EXPECT_THROW(open_frames(folder / "none.mp4"), Error);
}

}  // namespace
}  // namespace retime

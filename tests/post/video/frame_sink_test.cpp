#include "post/video/frame_sink.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "core/temporary_folder.hpp"
#include "post/media_probe.hpp"
#include "post/video/video_writer.hpp"

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

TEST(PngFolderWriter, NumbersFramesFromZeroAndTakesRgba) {
  const TemporaryFolder folder;
  PngFolderWriter writer(folder / "new" / "frames");
  writer.add(noise({8, 6}, 4));
  writer.add(noise({8, 6}, 4));
  writer.finish();
  EXPECT_EQ(read_png(folder / "new" / "frames" / "000001.png").pixels, noise({8, 6}, 4).pixels);
  EXPECT_FALSE(std::filesystem::exists(folder / "new" / "frames" / "000002.png"));
}

TEST(PngFolderWriter, RefusesAnotherSizeAndNoFrames) {
  const TemporaryFolder folder;
  PngFolderWriter writer(folder.path());
  EXPECT_THROW(writer.finish(), Error);
  writer.add(noise({8, 6}, 3));
  EXPECT_NE(message_of<Error>([&] { writer.add(noise({8, 4}, 3)); }).find("8x4"), std::string::npos);
}

TEST(PngFolderWriter, WarnsOfOlderFramesWhereverTheyStand) {
  const TemporaryFolder folder;
  std::ofstream(folder / "000050.png") << "older";
  std::ofstream(folder / "000000.png") << "replaced";
  std::ofstream(folder / "notes.png") << "no frame";
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  PngFolderWriter writer(folder.path());
  writer.add(noise({8, 6}, 3));
  writer.finish();
  const std::string printed = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("older frames from 000050.png on"), std::string::npos) << printed;
}

TEST(PngFolderWriter, AFolderInTheWayIsNamedAndNothingIsLeft) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "000000.png" / "full");
  PngFolderWriter writer(folder.path());
  EXPECT_NE(message_of<Error>([&] { writer.add(noise({8, 6}, 3)); }).find("000000.png"), std::string::npos);
  EXPECT_EQ(folder.entries(), 1);
}

TEST(MakeFrameSink, ASlashOrAFolderMeansPictures) {
  const TemporaryFolder folder;
  const auto is_folder_writer = [&](const std::filesystem::path& path) {
    return dynamic_cast<PngFolderWriter*>(make_frame_sink(path, {8, 6}, {25, 1}).get()) != nullptr;
  };
  EXPECT_TRUE(is_folder_writer(folder.path()));
  EXPECT_TRUE(is_folder_writer(folder / "out/"));
  EXPECT_FALSE(is_folder_writer(folder / "out.mp4"));
}

}  // namespace
}  // namespace retime

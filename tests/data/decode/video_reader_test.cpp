#include "data/decode/video_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <random>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/remuxed_clip.hpp"
#include "post/video/video_writer.hpp"
#include "post/wav_file.hpp"

namespace retime {
namespace {

using namespace test;

constexpr int kStep = 4;

VideoWriterOptions good_and_fast() {
  VideoWriterOptions options;
  options.preset = "ultrafast";
  options.crf = 4;
  return options;
}

/// Frame i is flat gray of level 20 + 4 i.
void write_clip(const std::filesystem::path& path, int frames, Size size = {64, 48}, FrameRate rate = {25, 1}) {
  VideoWriter writer(path, size, rate, good_and_fast());
  for (int i = 0; i < frames; ++i) {
    Image image(size, 3);
    std::fill(image.pixels.begin(), image.pixels.end(), static_cast<std::uint8_t>(20 + kStep * i));
    writer.add(image);
  }
  writer.finish();
}

/// The number of each frame that the reader gives, told from its gray level.
std::vector<int> frame_numbers(VideoReader& reader) {
  std::vector<int> numbers;
  Image rgb;
  while (reader.next(rgb)) numbers.push_back(static_cast<int>(std::lround((rgb.pixels[0] - 20.0) / kStep)));
  return numbers;
}

std::vector<int> count_up(int first, int last) {
  std::vector<int> numbers;
  for (int i = first; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

TEST(VideoReader, GivesEveryFrameInOrder) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", 30, {64, 48}, {30000, 1001});
  VideoReader reader(folder / "a.mp4");
  const ClipInfo& info = reader.info();
  EXPECT_EQ(info.size, (Size{64, 48}));
  EXPECT_EQ(info.rate.num, 30000);
  EXPECT_EQ(info.rate.den, 1001);
  EXPECT_EQ(info.frame_count, 30);
  EXPECT_EQ(info.orientation, Orientation{});
  EXPECT_FALSE(info.has_audio);
  EXPECT_EQ(info.colour, "bt709 limited");
  EXPECT_EQ(frame_numbers(reader), count_up(0, 29));
  EXPECT_EQ(reader.damaged(), 0);
}

TEST(VideoReader, RangesIncludeBothEnds) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", 20);
  VideoReader middle(folder / "a.mp4", {5, 8});
  EXPECT_EQ(frame_numbers(middle), count_up(5, 8));
  VideoReader rest(folder / "a.mp4", {18, 40});
  EXPECT_EQ(frame_numbers(rest), count_up(18, 19));
  VideoReader after(folder / "a.mp4", {20, 30});
  Image rgb;
  EXPECT_NE(message_of<Error>([&] { after.next(rgb); }).find("20 frames"), std::string::npos);
  EXPECT_THROW(VideoReader(folder / "a.mp4", {8, 5}), Error);
}

TEST(VideoReader, ColoursComeBackThroughTheWriter) {
  const TemporaryFolder folder;
  const Size size = {96, 64};
  Image picture(size, 3);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      std::uint8_t* p = picture.row(y) + 3 * x;
      p[0] = static_cast<std::uint8_t>(60 + x);
      p[1] = static_cast<std::uint8_t>(200 - 2 * y);
      p[2] = static_cast<std::uint8_t>(40 + x + y);
    }
  VideoWriter writer(folder / "a.mp4", size, {25, 1}, good_and_fast());
  writer.add(picture);
  writer.finish();
  VideoReader reader(folder / "a.mp4");
  Image rgb;
  ASSERT_TRUE(reader.next(rgb));
  for (int y = 2; y < size.height - 2; ++y)
    for (int x = 2; x < size.width - 2; ++x)
      for (int c = 0; c < 3; ++c) ASSERT_NEAR(rgb.row(y)[3 * x + c], picture.row(y)[3 * x + c], 4);
}

TEST(VideoReader, VariableRateBecomesConstant) {
  const TemporaryFolder folder;
  write_clip(folder / "source.mp4", 12);
  // Frame 5 stays for four places; the last three share two places.
  const auto time = [](int n) { return n <= 5 ? n : n <= 9 ? n + 3.0 : n == 10 ? 12.5 : 13.0; };
  remux(folder / "source.mp4", folder / "a.mp4", {time});
  VideoReader reader(folder / "a.mp4");
  EXPECT_EQ(reader.info().rate.value(), 25.0);
  EXPECT_EQ(frame_numbers(reader), (std::vector<int>{0, 1, 2, 3, 4, 5, 5, 5, 5, 6, 7, 8, 9, 10}));
}

TEST(VideoReader, RotationIsApplied) {
  const TemporaryFolder folder;
  Image picture({64, 48}, 3);
  std::fill_n(picture.pixels.begin(), picture.pixels.size() / 2, std::uint8_t{200});
  VideoWriter writer(folder / "source.mp4", {64, 48}, {25, 1}, good_and_fast());
  writer.add(picture);
  writer.finish();
  for (const int rotation : {90, 180, 270}) {
    remux(folder / "source.mp4", folder / "a.mp4", {{}, rotation});
    VideoReader reader(folder / "a.mp4");
    EXPECT_EQ(reader.info().orientation, (Orientation{rotation, false}));
    EXPECT_EQ(reader.info().size, rotation == 180 ? (Size{64, 48}) : (Size{48, 64}));
    Image rgb;
    ASSERT_TRUE(reader.next(rgb));
    // The bright upper half turns clockwise: to the right, the bottom, the left.
    const Size size = rgb.size;
    const int x = rotation == 90 ? size.width - 5 : rotation == 270 ? 4 : size.width / 2;
    const int y = rotation == 180 ? size.height - 5 : size.height / 2;
    EXPECT_NEAR(rgb.row(y)[3 * x], 200, 3) << rotation;
    EXPECT_NEAR(rgb.row(size.height - 1 - y)[3 * (size.width - 1 - x)], 0, 3) << rotation;
  }
}

// A camera that looks at its user may write its pictures so.
TEST(VideoReader, MirroredPicturesAreMirroredBack) {
  const TemporaryFolder folder;
  Image picture({64, 48}, 3);
  for (int y = 0; y < 24; ++y) std::fill_n(picture.row(y), 3 * 32, std::uint8_t{200});  // upper left
  VideoWriter writer(folder / "source.mp4", {64, 48}, {25, 1}, good_and_fast());
  writer.add(picture);
  writer.finish();
  struct Shown {
    int rotation;
    bool right, below;  // where the bright quarter is to be seen
  };
  for (const auto& [rotation, right, below] :
       {Shown{0, true, false}, Shown{90, false, false}, Shown{180, false, true}, Shown{270, true, true}}) {
    remux(folder / "source.mp4", folder / "a.mp4", {{}, rotation, {1, 1}, true});
    VideoReader reader(folder / "a.mp4");
    EXPECT_EQ(reader.info().orientation, (Orientation{rotation, true}));
    Image rgb;
    ASSERT_TRUE(reader.next(rgb));
    for (const bool x : {false, true})
      for (const bool y : {false, true})
        EXPECT_NEAR(rgb.row(y ? rgb.size.height - 5 : 4)[3 * (x ? rgb.size.width - 5 : 4)],
                    x == right && y == below ? 200 : 0, 3)
            << rotation << " " << x << y;
  }
}

TEST(VideoReader, PixelsBecomeSquare) {
  const TemporaryFolder folder;
  write_clip(folder / "source.mp4", 3);
  remux(folder / "source.mp4", folder / "a.mp4", {{}, 0, {3, 2}});
  VideoReader reader(folder / "a.mp4");
  EXPECT_EQ(reader.info().size, (Size{96, 48}));
  EXPECT_EQ(reader.info().stored_size, (Size{64, 48}));
  EXPECT_EQ(frame_numbers(reader), count_up(0, 2));
}

TEST(VideoReader, TellsWhetherThereIsSound) {
  const TemporaryFolder folder;
  write_wav(folder / "a.wav", 1, {});
  VideoWriterOptions options = good_and_fast();
  options.audio = AudioReference{folder / "a.wav", 0, std::nullopt};
  VideoWriter writer(folder / "a.mp4", {64, 48}, {25, 1}, options);
  writer.add(Image({64, 48}, 3));
  writer.finish();
  EXPECT_TRUE(VideoReader(folder / "a.mp4").info().has_audio);
  EXPECT_NE(message_of<Error>([&] { VideoReader(folder / "a.wav"); }).find("streams is video"), std::string::npos);
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(VideoReader, UnreadableFilesGiveOneSentence) {
  const TemporaryFolder folder;
  write_clip(folder / "good.mp4", 20);
  const std::string good = read_bytes(folder / "good.mp4");
  std::ofstream(folder / "empty.mp4");
  std::ofstream(folder / "text.mp4") << "not a video at all";
  std::ofstream(folder / "head.mp4", std::ios::binary) << good.substr(0, 40);
  std::ofstream(folder / "headers.mp4", std::ios::binary) << good.substr(0, good.find("mdat") + 4);
  for (const std::string name : {"none.mp4", "empty.mp4", "text.mp4", "head.mp4", "headers.mp4"}) {
    const std::string message = message_of<Error>([&] { VideoReader(folder / name); });
    EXPECT_NE(message.find(name), std::string::npos) << name << ": " << message;
    EXPECT_NE(message.find("): "), std::string::npos) << message;
  }
  EXPECT_THROW(VideoReader(folder.path()), Error);
}

TEST(VideoReader, ACutOffFileGivesTheFramesItHas) {
  const TemporaryFolder folder;
  write_clip(folder / "good.mp4", 40, {256, 192});
  const std::string good = read_bytes(folder / "good.mp4");
  const std::size_t pictures = good.find("mdat") + 4;
  std::ofstream(folder / "a.mp4", std::ios::binary) << good.substr(0, pictures + (good.size() - pictures) / 2);
  VideoReader reader(folder / "a.mp4");
  const auto numbers = frame_numbers(reader);
  EXPECT_GT(numbers.size(), 5U);
  EXPECT_LT(numbers.size(), 40U);
}

TEST(VideoReader, DamageIsCountedAndSurvived) {
  const TemporaryFolder folder;
  {
    std::mt19937 random(1);
    VideoWriter writer(folder / "good.mp4", {128, 96}, {25, 1}, good_and_fast());
    Image noise({128, 96}, 3);
    for (int i = 0; i < 25; ++i) {
      for (auto& value : noise.pixels) value = static_cast<std::uint8_t>(random());
      writer.add(noise);
    }
    writer.finish();
  }
  std::string bytes = read_bytes(folder / "good.mp4");
  std::mt19937 random(2);
  for (std::size_t i = bytes.find("mdat") + 30'000; i < bytes.size(); i += 997) bytes[i] = static_cast<char>(random());
  std::ofstream(folder / "a.mp4", std::ios::binary) << bytes;
  VideoReader reader(folder / "a.mp4");
  Image rgb;
  int frames = 0;
  while (reader.next(rgb)) ++frames;
  EXPECT_GT(frames, 0);
  EXPECT_GT(reader.damaged(), 0);
}

TEST(VideoDecoder, GivesFramesInTheOrderOfTheirTimesThenNothing) {
  const test::TemporaryFolder folder;
  constexpr int kFrames = 12;
  {
    VideoWriter writer(folder / "a.mp4", {64, 48}, {25, 1}, {});
    for (int i = 0; i < kFrames; ++i) writer.add(Image({64, 48}, 3));
    writer.finish();
  }
  VideoDecoder decoder(folder / "a.mp4");
  for (int i = 0; i < kFrames; ++i) {
    const AVFrame* frame = decoder.next();
    ASSERT_NE(frame, nullptr) << i;
    EXPECT_EQ(frame->width, 64);
    EXPECT_EQ(frame->height, 48);
    ASSERT_TRUE(decoder.time_s(*frame).has_value());
    EXPECT_NEAR(*decoder.time_s(*frame), i / 25.0, 1e-6);
  }
  EXPECT_EQ(decoder.next(), nullptr);
  EXPECT_EQ(decoder.next(), nullptr) << "the end stays the end";
  EXPECT_EQ(decoder.damaged(), 0);
  EXPECT_EQ(decoder.read_error(), "");
}

TEST(VideoDecoder, TakesNoTextForAVideo) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "a.mp4", "no video, only words");
  EXPECT_NE(test::message_of<Error>([&] { VideoDecoder(folder / "a.mp4"); }).find("a.mp4"), std::string::npos);
}

}  // namespace

}  // namespace retime

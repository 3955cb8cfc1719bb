#include "data/decode/video_decoder.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "post/video/video_writer.hpp"

namespace retime {
namespace {

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

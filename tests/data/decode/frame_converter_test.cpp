#include "data/decode/frame_converter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <new>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

libav::Frame new_frame(AVPixelFormat format, Size size) {
  libav::Frame frame(av_frame_alloc());
  frame->format = format;
  frame->width = size.width;
  frame->height = size.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return frame;
}

void fill_plane(AVFrame& frame, int plane, int rows, int value) {
  for (int y = 0; y < rows; ++y)
    std::fill_n(frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane], frame.linesize[plane],
                static_cast<std::uint8_t>(value));
}

// One colour, 4:4:4.
libav::Frame flat_frame(Size size, std::array<int, 3> yuv) {
  auto frame = new_frame(AV_PIX_FMT_YUV444P, size);
  for (int plane = 0; plane < 3; ++plane) fill_plane(*frame, plane, size.height, yuv[static_cast<std::size_t>(plane)]);
  return frame;
}

std::array<int, 3> pixel(const Image& image, int x, int y) {
  const auto* at = image.row(y) + 3 * x;
  return {at[0], at[1], at[2]};
}

void expect_near(const std::array<int, 3>& found, const std::array<int, 3>& wanted, const std::string& what) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i], wanted[i], 2) << what << ", channel " << i;
}

Image converted(const AVFrame& frame, double pixel_aspect = 1, const Orientation& orientation = {}) {
  FrameConverter converter(frame, pixel_aspect, orientation);
  Image rgb;
  converter.convert(frame, rgb);
  return rgb;
}

TEST(FrameConverter, ReadsColoursByTheirTags) {
  // Luma coefficients of BT.601 and BT.709; a colour with the other matrix is tens of levels off.
  const auto code = [](double kr, double kb, bool full, const std::array<double, 3>& rgb) {
    const double y = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2];
    const double cb = (rgb[2] - y) / (2 * (1 - kb)), cr = (rgb[0] - y) / (2 * (1 - kr));
    const double luma = full ? 1 : 219.0 / 255, chroma = full ? 1 : 224.0 / 255;
    return std::array{static_cast<int>(std::lround((full ? 0 : 16) + luma * y)),
                      static_cast<int>(std::lround(128 + chroma * cb)),
                      static_cast<int>(std::lround(128 + chroma * cr))};
  };
  const std::array<double, 3> rgb{200, 60, 30};
  for (const bool is_709 : {false, true})
    for (const bool full : {false, true}) {
      auto frame = flat_frame({32, 16}, is_709 ? code(0.2126, 0.0722, full, rgb) : code(0.299, 0.114, full, rgb));
      frame->colorspace = is_709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
      frame->color_range = full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
      expect_near(pixel(converted(*frame), 7, 5), {200, 60, 30}, frame_colour(*frame).name());
    }
}

TEST(FrameConverter, ColoursThatNobodyHereCanReadAreRefused) {
  const auto frame = flat_frame({32, 16}, {88, 104, 208});
  frame->colorspace = AVCOL_SPC_YCGCO;
  const std::string message = test::message_of<Error>([&] { converted(*frame); });
  EXPECT_NE(message.find("ycgco"), std::string::npos) << message;
}

TEST(FrameConverter, WithoutTagsTheHeightDecides) {
  EXPECT_EQ(frame_colour(*new_frame(AV_PIX_FMT_YUV420P, {640, 480})).name(), "bt601 limited (not tagged)");
  EXPECT_EQ(frame_colour(*new_frame(AV_PIX_FMT_YUV420P, {1280, 720})).name(), "bt709 limited (not tagged)");
  EXPECT_EQ(frame_colour(*new_frame(AV_PIX_FMT_YUVJ420P, {640, 480})).name(), "bt601 full (not tagged)");
  EXPECT_EQ(frame_colour(*new_frame(AV_PIX_FMT_RGB24, {640, 480})).name(), "rgb");
}

// Left half black, right half white, top row of the right half grey.
libav::Frame marked_frame(Size size) {
  auto frame = flat_frame(size, {16, 128, 128});
  for (int y = 0; y < size.height; ++y)
    std::fill_n(frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0] + size.width / 2, size.width / 2,
                static_cast<std::uint8_t>(y < size.height / 2 ? 126 : 235));
  return frame;
}

TEST(FrameConverter, TurnsPicturesClockwise) {
  const auto frame = marked_frame({24, 12});
  struct Turned {
    int rotation;
    Size size;
    int grey_x, grey_y;  // the upper right corner of the stored picture
  };
  for (const auto& [rotation, size, x, y] : {Turned{0, {24, 12}, 23, 0}, Turned{90, {12, 24}, 11, 23},
                                             Turned{180, {24, 12}, 0, 11}, Turned{270, {12, 24}, 0, 0}}) {
    const auto rgb = converted(*frame, 1, {rotation, false});
    ASSERT_EQ(rgb.size, size) << rotation;
    expect_near(pixel(rgb, x, y), {128, 128, 128}, "grey corner, turned by " + std::to_string(rotation));
    expect_near(pixel(rgb, size.width - 1 - x, size.height - 1 - y), {0, 0, 0},
                "black corner, turned by " + std::to_string(rotation));
  }
}

TEST(FrameConverter, StretchesPixelsThatAreNotSquare) {
  const auto rgb = converted(*marked_frame({24, 12}), 4.0 / 3);
  EXPECT_EQ(rgb.size, (Size{32, 12}));
  expect_near(pixel(rgb, 12, 11), {0, 0, 0}, "left of the middle");
  expect_near(pixel(rgb, 20, 11), {255, 255, 255}, "right of the middle");
}

// Colour changes where the samples of its pixels do, not half a pixel beside, as it would if each sample were taken to
// lie between two pixels.
TEST(FrameConverter, ColourIsNotShiftedWhereEachPixelHasItsOwn) {
  constexpr Size kSize{24, 16};
  for (const auto format : {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV422P}) {
    const bool has_columns = format != AV_PIX_FMT_YUV422P;
    auto frame = new_frame(format, kSize);
    for (int plane = 0; plane < 3; ++plane) fill_plane(*frame, plane, kSize.height, 128);
    for (int y = 0; y < kSize.height; ++y) {
      auto* red = frame->data[2] + static_cast<std::ptrdiff_t>(y) * frame->linesize[2];
      if (y >= kSize.height / 2) std::fill_n(red, frame->linesize[2], std::uint8_t{200});
      if (has_columns) std::fill_n(red, 4, std::uint8_t{200});
    }
    const auto rgb = converted(*frame);
    const auto grey = pixel(rgb, 12, 2), red = pixel(rgb, 12, 13);
    EXPECT_GT(red[0], grey[0] + 80);
    const std::string name = av_get_pix_fmt_name(format);
    expect_near(pixel(rgb, 12, 7), grey, name + ", last grey row");
    expect_near(pixel(rgb, 12, 8), red, name + ", first red row");
    if (!has_columns) continue;
    expect_near(pixel(rgb, 3, 2), red, name + ", last red column");
    expect_near(pixel(rgb, 4, 2), grey, name + ", first grey column");
  }
}

TEST(FrameConverter, FollowsFramesThatChangeOnTheWay) {
  const auto first = flat_frame({24, 12}, {235, 128, 128});
  FrameConverter converter(*first, 1, {});
  Image rgb;
  converter.convert(*first, rgb);
  expect_near(pixel(rgb, 3, 3), {255, 255, 255}, "before");
  auto grey = new_frame(AV_PIX_FMT_GRAY8, {48, 24});
  fill_plane(*grey, 0, 24, 60);
  converter.convert(*grey, rgb);
  EXPECT_EQ(rgb.size, (Size{24, 12}));
  expect_near(pixel(rgb, 3, 3), {51, 51, 51}, "after");
}

}  // namespace
}  // namespace retime

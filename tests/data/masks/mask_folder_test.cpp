#include "data/masks/mask_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TemporaryFolder;

constexpr Size kSize = {6, 4};
constexpr int kFrames = 10;

std::string numbered(int number, const char* pattern = "%05d.png") {
  char name[32];
  std::snprintf(name, sizeof name, pattern, number);
  return name;
}

/// A mask whose object is as many columns wide as its number says (modulo the width).
void write_mask(const std::filesystem::path& folder, int number, const char* pattern = "%05d.png") {
  std::filesystem::create_directories(folder);
  Image mask(kSize, 1);
  for (int y = 0; y < kSize.height; ++y) std::fill_n(mask.row(y), number % (kSize.width + 1), std::uint8_t{255});
  write_png(folder / numbered(number, pattern), mask);
}

void write_masks(const std::filesystem::path& folder, int first, int last) {
  for (int i = first; i <= last; ++i) write_mask(folder, i);
}

int width_of(const MaskFolder& masks, int object, int frame) {
  const Image mask = masks.read(object, frame);
  int width = 0;
  while (width < kSize.width && mask.row(1)[width] == 255) ++width;
  return width;
}

std::string error_of(const std::filesystem::path& folder) {
  return message_of<Error>([&] { MaskFolder(folder, kFrames, kSize); });
}

TEST(MaskFolder, OneMaskPerFrameGoesByPositionWhateverTheNumbers) {
  for (const int first : {0, 1, 1001}) {
    const TemporaryFolder folder;
    write_masks(folder / "01", first, first + kFrames - 1);
    const MaskFolder masks(folder.path(), kFrames, kSize);
    ASSERT_EQ(masks.objects(), 1);
    EXPECT_EQ(masks.names()[0], "01");
    for (int frame = 0; frame < kFrames; ++frame) {
      EXPECT_TRUE(masks.has(0, frame));
      EXPECT_EQ(width_of(masks, 0, frame), (first + frame) % 7);
    }
  }
}

TEST(MaskFolder, ObjectsInNaturalOrderOrASingleFolder) {
  const TemporaryFolder folder;
  for (const char* name : {"dog10", "dog2"}) write_masks(folder / "many" / name, 0, kFrames - 1);
  EXPECT_EQ(MaskFolder(folder / "many", kFrames, kSize).names(), (std::vector<std::string>{"dog2", "dog10"}));
  write_masks(folder / "cat", 0, kFrames - 1);
  EXPECT_EQ(MaskFolder(folder / "cat", kFrames, kSize).names(), (std::vector<std::string>{"cat"}));
  EXPECT_EQ(MaskFolder((folder / "cat").string() + "/", kFrames, kSize).names(), (std::vector<std::string>{"cat"}));
}

TEST(MaskFolder, FewerMasksGoByNumberFromZero) {
  const TemporaryFolder folder;
  write_masks(folder / "01", 2, 5);
  const MaskFolder masks(folder.path(), kFrames, kSize);
  EXPECT_FALSE(masks.has(0, 1));
  EXPECT_EQ(width_of(masks, 0, 2), 2);
  EXPECT_EQ(width_of(masks, 0, 5), 5);
  EXPECT_FALSE(masks.has(0, 6));
  EXPECT_EQ(masks.read(0, 6).pixels, std::vector<std::uint8_t>(kSize.area(), 0));
}

TEST(MaskFolder, FromOneWhenTheLastNumberIsTheFrameCount) {
  const TemporaryFolder folder;
  write_masks(folder / "01", 1, kFrames);
  write_masks(folder / "02", 3, 4);
  const MaskFolder masks(folder.path(), kFrames, kSize);
  EXPECT_EQ(width_of(masks, 0, 0), 1);
  EXPECT_EQ(width_of(masks, 1, 2), 3);
  EXPECT_FALSE(masks.has(1, 4));
}

TEST(MaskFolder, CompleteFolderFromZeroDecidesForTheOthers) {
  const TemporaryFolder folder;
  write_masks(folder / "01", 0, kFrames - 1);
  write_masks(folder / "02", 1, 4);
  EXPECT_EQ(width_of(MaskFolder(folder.path(), kFrames, kSize), 1, 4), 4);
}

TEST(MaskFolder, WhatCannotBeMatchedIsAnError) {
  const auto error_with = [](const std::function<void(const TemporaryFolder&)>& fill) {
    const TemporaryFolder folder;
    fill(folder);
    return error_of(folder.path());
  };
  const auto expect = [](const std::string& message, const std::vector<const char*>& parts) {
    for (const char* part : parts) EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect(error_with([](const auto&) {}), {"no masks"});
  expect(error_with([](const auto& f) { write_masks(f / "01", 0, kFrames); }), {"11 masks", "10 frames"});
  expect(error_with([](const auto& f) { write_masks(f / "01", 1, 4); }), {"1 to 4", "0 or 1"});
  expect(error_with([](const auto& f) { write_masks(f / "01", 8, 12); }), {"12", "10 frames"});
  expect(error_with([](const auto& f) {
           write_masks(f / "01", 0, 3);
           write_mask(f / "01", 2, "extra_%d.png");
         }),
         {"number 2", "extra_2.png"});
  expect(error_with([](const auto& f) {
           write_mask(f / "01", 3);
           std::filesystem::rename(f / "01" / "00003.png", f / "01" / "mask.png");
         }),
         {"1 mask", "10 frames", "mask.png"});
  expect(error_with([](const auto& f) {
           write_masks(f / "01", 0, 3);
           write_masks(f.path(), 0, 3);
         }),
         {"01", "folder"});
}

TEST(MaskFolder, LevelsAreObjectUnknownAndOutside) {
  const TemporaryFolder folder;
  for (int i = 0; i < kFrames; ++i) {
    Image mask(kSize, 1);
    mask.pixels[0] = 255;
    mask.pixels[1] = 192;
    mask.pixels[2] = 128;
    mask.pixels[3] = 191;
    mask.pixels[4] = 63;
    write_png(folder / numbered(i), mask);
  }
  const Image mask = MaskFolder(folder.path(), kFrames, kSize).read(0, 0);
  EXPECT_EQ(std::vector<std::uint8_t>(mask.pixels.begin(), mask.pixels.begin() + 5),
            (std::vector<std::uint8_t>{255, 255, 128, 128, 0}));
}

TEST(MaskFolder, WrongSizesAndValuesNameTheFile) {
  const TemporaryFolder folder;
  write_masks(folder / "01", 0, kFrames - 1);
  write_png(folder / "01" / "00003.png", Image({8, 4}, 1));
  Image ones(kSize, 1);
  std::fill(ones.pixels.begin(), ones.pixels.end(), std::uint8_t{1});
  write_png(folder / "01" / "00004.png", ones);
  const MaskFolder masks(folder.path(), kFrames, kSize);
  const std::string size = message_of<Error>([&] { (void)masks.read(0, 3); });
  for (const char* part : {"00003.png", "8x4", "6x4"}) EXPECT_NE(size.find(part), std::string::npos) << size;
  const std::string value = message_of<Error>([&] { (void)masks.read(0, 4); });
  for (const char* part : {"00004.png", "255"}) EXPECT_NE(value.find(part), std::string::npos) << value;
}

TEST(MaskFolder, RealFoldersMatchTheirClips) {
  const char* data = std::getenv("RETIME_TEST_DATA");
  if (!data) GTEST_SKIP() << "RETIME_TEST_DATA is not set";
  const std::filesystem::path root = data;
  const MaskFolder hall(root / "hall_monitor" / "mask", 296, {352, 240});
  const auto is_empty = [&](const MaskFolder& masks, int object, int frame) {
    const Image mask = masks.read(object, frame);
    return std::all_of(mask.pixels.begin(), mask.pixels.end(), [](std::uint8_t v) { return v == 0; });
  };
  EXPECT_EQ(hall.objects(), 2);
  EXPECT_TRUE(is_empty(hall, 1, 74));
  EXPECT_FALSE(is_empty(hall, 1, 75));
  EXPECT_FALSE(is_empty(hall, 0, 12));
  EXPECT_EQ(MaskFolder(root / "boys_beach" / "mask", 85, {640, 384}).objects(), 2);
  const MaskFolder tennis(root / "tennis" / "mask", 70, {448, 256});
  EXPECT_TRUE(tennis.has(0, 0));
  EXPECT_TRUE(tennis.has(0, 69));
}

}  // namespace
}  // namespace retime

#include "post/picture/read_picture.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "post/picture/png.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TemporaryFolder;

Image noise(Size size, int channels) {
  Image image(size, channels);
  std::mt19937 random(3);
  for (auto& value : image.pixels) value = static_cast<std::uint8_t>(random());
  return image;
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
}

}  // namespace
}  // namespace retime

#include "model/scene/frame_pixels.hpp"

namespace retime {
namespace {

std::uint8_t rounded_mean(unsigned sum, unsigned count) {
  const unsigned below = sum / count, twice = 2 * (sum % count);
  return static_cast<std::uint8_t>(below + (twice > count || (twice == count && below % 2 == 1)));
}

}  // namespace

void shrink(std::span<const std::uint8_t> large, int factor, Size size, int channels, std::span<std::uint8_t> out) {
  const auto f = static_cast<std::size_t>(factor), c = static_cast<std::size_t>(channels);
  const auto width = static_cast<std::size_t>(size.width), height = static_cast<std::size_t>(size.height);
  const std::size_t row = f * width * c;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t i = 0; i < width * c; ++i) {
      const std::size_t first = y * f * row + i / c * f * c + i % c;
      unsigned sum = 0;
      for (std::size_t dy = 0; dy < f; ++dy)
        for (std::size_t dx = 0; dx < f; ++dx) sum += large[first + dy * row + dx * c];
      out[y * width * c + i] = rounded_mean(sum, static_cast<unsigned>(factor * factor));
    }
}

bool PixelReader::is_present(int object, int frame) const {
  return scene_.presence()[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)] != 0;
}

std::size_t PixelReader::bytes(int frame) const {
  const std::size_t map = with_mattes_ ? 9 : 4;
  std::size_t channels = 3;
  for (int n = 0; n < info().object_count(); ++n) channels += is_present(n, frame) ? map : 0;
  return channels * info().size.area();
}

FramePixels PixelReader::read_frame(int frame) const {
  const Size size = info().size;
  FramePixels pixels{Image(size, 3), std::vector<ObjectMaps>(static_cast<std::size_t>(info().object_count()))};
  read_base(frame, pixels.frame.pixels);
  for (int n = 0; n < info().object_count(); ++n) {
    if (!is_present(n, frame)) continue;
    auto& maps = pixels.maps[static_cast<std::size_t>(n)];
    maps = {true, Image(size, 3), Image(size, 1), {}};
    read_iuv(n, frame, maps.iuv.pixels);
    read_trimap(n, frame, maps.trimap.pixels);
    if (!with_mattes_) continue;
    maps.matte = Image(size, 4);
    maps.visibility = Image(size, 1);
    read_matte(n, frame, maps.matte.pixels);
    read_visibility(n, frame, maps.visibility.pixels);
  }
  return pixels;
}

void PixelReader::read_trimap(int object, int frame, std::span<std::uint8_t> out) const {
  scene_.read_trimap(object, frame, 1, out);
}

void PixelReader::read_matte(int object, int frame, std::span<std::uint8_t> out) const {
  std::vector<std::uint8_t> full(4 * info().full_size().area());
  scene_.read_matte(object, frame, 1, full);
  shrink(full, info().scale, info().size, 4, out);
}

void PixelReader::read_visibility(int object, int frame, std::span<std::uint8_t> out) const {
  std::vector<std::uint8_t> full(info().full_size().area());
  scene_.read_visibility(object, frame, 1, full);
  shrink(full, info().scale, info().size, 1, out);
}

}  // namespace retime

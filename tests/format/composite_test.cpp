#include "format/composite.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/error.hpp"

namespace retime {
namespace {

Image random_layer(Size size, std::mt19937& random) {
  Image layer(size, 4);
  for (auto& value : layer.pixels) value = static_cast<std::uint8_t>(random());
  for (std::size_t i = 3; i < layer.pixels.size(); i += 4)
    if (random() % 3 != 0) layer.pixels[i] = random() % 2 ? 255 : 0;
  return layer;
}

/// The real-valued result at one value, from the definition.
double exact(std::span<const CompositeLayer> layers, std::size_t pixel, std::size_t channel) {
  double value = 0;
  for (const CompositeLayer& layer : layers) {
    const double a = static_cast<double>(layer.opacity) * layer.rgba->pixels[4 * pixel + 3] / 255.0;
    value = a * layer.rgba->pixels[4 * pixel + channel] + (1 - a) * value;
  }
  return value;
}

TEST(Composite, WithinHalfALevelOfTheExactResult) {
  std::mt19937 random(1);
  const Size size = {53, 131};
  std::vector<Image> images;
  for (int i = 0; i < 6; ++i) images.push_back(random_layer(size, random));
  std::fill_n(images[3].row(10), images[3].stride() * 50, std::uint8_t{0});
  std::vector<CompositeLayer> layers;
  for (const Image& image : images) layers.push_back({&image, layers.size() == 2 ? 0.4F : 1.0F});
  Image rgb;
  composite(layers, size, rgb);
  ASSERT_EQ(rgb.size, size);
  ASSERT_EQ(rgb.channels, 3);
  for (std::size_t i = 0; i < size.area(); ++i)
    for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(rgb.pixels[3 * i + c], exact(layers, i, c), 0.5005);
}

TEST(Composite, ThreadsDoNotChangeTheResult) {
  std::mt19937 random(2);
  const Size size = {40, 200};
  const Image a = random_layer(size, random);
  const Image b = random_layer(size, random);
  const std::vector<CompositeLayer> layers = {{&a}, {&b}};
  Image one;
  Image many;
  composite(layers, size, one, 1);
  composite(layers, size, many, 3);
  EXPECT_EQ(one.pixels, many.pixels);
}

TEST(Composite, OpaqueLayersComeThroughBitForBit) {
  Image layer({256, 1}, 4);
  for (int x = 0; x < 256; ++x) {
    std::fill_n(layer.row(0) + 4 * x, 3, static_cast<std::uint8_t>(x));
    layer.row(0)[4 * x + 3] = 255;
  }
  Image noise({256, 1}, 4);
  std::fill(noise.pixels.begin(), noise.pixels.end(), std::uint8_t{255});
  Image rgb;
  composite(std::vector<CompositeLayer>{{&noise}, {&layer}}, layer.size, rgb);
  for (int x = 0; x < 256; ++x) ASSERT_EQ(rgb.pixels[static_cast<std::size_t>(3 * x)], x);
}

TEST(Composite, NothingIsBlackAndOverwritesOldPixels) {
  Image rgb({4, 4}, 3);
  std::fill(rgb.pixels.begin(), rgb.pixels.end(), std::uint8_t{9});
  composite({}, {4, 4}, rgb);
  EXPECT_EQ(rgb.pixels, std::vector<std::uint8_t>(48, 0));
}

TEST(Composite, ALayerOfAnotherSizeIsAnError) {
  const Image layer({5, 4}, 4);
  Image rgb;
  try {
    composite(std::vector<CompositeLayer>{{&layer}}, {4, 4}, rgb);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("5x4"), std::string::npos);
  }
}

TEST(BlendPremultiplied, TransparentNeighboursDoNotDarken) {
  Image red({1, 1}, 4);
  red.pixels = {200, 40, 0, 255};
  Image nothing({1, 1}, 4);
  nothing.pixels = {0, 0, 0, 0};
  EXPECT_EQ(blend_premultiplied(red, nothing, 0.25).pixels, (std::vector<std::uint8_t>{200, 40, 0, 191}));
  EXPECT_EQ(blend_premultiplied(nothing, nothing, 0.5).pixels, (std::vector<std::uint8_t>{0, 0, 0, 0}));
  Image blue({1, 1}, 4);
  blue.pixels = {0, 0, 100, 255};
  EXPECT_EQ(blend_premultiplied(red, blue, 0.5).pixels, (std::vector<std::uint8_t>{100, 20, 50, 255}));
}

// Whatever the frame is: also where the difference does not fit a signed byte.
TEST(ResidualOf, AddedModulo256ItGivesTheFrameBack) {
  std::mt19937 random(5);
  const Size size{37, 11};
  const Image back = random_layer(size, random), front = random_layer(size, random);
  Image frame(size, 3), rgb;
  for (auto& value : frame.pixels) value = static_cast<std::uint8_t>(random());
  const CompositeLayer layers[] = {{&back}, {&front}};
  FrameResidual residual;
  residual_of(frame, layers, residual);
  composite(layers, size, rgb);
  for (std::size_t i = 0; i < rgb.pixels.size(); ++i) {
    ASSERT_EQ(static_cast<std::uint8_t>(rgb.pixels[i] + residual.values[i]), frame.pixels[i]);
    const int difference = frame.pixels[i] - rgb.pixels[i];
    if (difference >= -128 && difference < 128) {
      ASSERT_EQ(residual.values[i], difference);
    }
  }
}

}  // namespace
}  // namespace retime

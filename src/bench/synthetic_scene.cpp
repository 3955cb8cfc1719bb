#include "bench/synthetic_scene.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "format/scene.hpp"

namespace retime {
namespace {

/// An upright ellipse, in pixels of the training size.
struct Body {
  double center_x, center_y, radius_x, radius_y;

  /// 0 in the middle, 1 on the outline.
  double distance(double x, double y) const {
    const double dx = (x - center_x) / radius_x, dy = (y - center_y) / radius_y;
    return dx * dx + dy * dy;
  }
};

/// Bodies walk to and fro at speeds of their own, so that they meet.
Body body_of(const SyntheticScene& scene, int object, int frame) {
  const double width = scene.size.width, height = scene.size.height;
  const double phase = (object + 0.5) / scene.objects + frame * (object % 2 == 0 ? 0.02 : -0.03);
  const double place = std::abs(2 * (phase / 2 - std::floor(phase / 2)) - 1);
  return {width * (0.15 + 0.7 * place), height * (0.5 + 0.08 * object / scene.objects), width * 0.07, height * 0.3};
}

std::uint8_t level(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

Image background(Size size) {
  Image image(size, 3);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      std::uint8_t* pixel = image.row(y) + 3 * x;
      pixel[0] = level(60 + 120 * x / size.width);
      pixel[1] = level(80 + 100 * y / size.height);
      pixel[2] = level(100 + ((x / 8 + y / 8) % 2) * 40);
    }
  return image;
}

/// Calls `paint(x, y, distance)` for the pixels of a body in a picture that is `scale` times the training size.
template <class Paint>
void for_pixels(const Body& body, Size size, int scale, const Paint& paint) {
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const double distance = body.distance((x + 0.5) / scale, (y + 0.5) / scale);
      if (distance < 1) paint(x, y, distance);
    }
}

void paint_body(std::uint8_t* rgb, int object, int x, int y) {
  rgb[0] = level(40 + 70 * (object % 3) + (x + y) % 24);
  rgb[1] = level(180 - 60 * (object % 2));
  rgb[2] = level(30 + 50 * (object % 4));
}

Image draw_frame(const SyntheticScene& scene, const Image& empty, int scale, int frame) {
  Image image = empty;
  for (int n = 0; n < scene.objects; ++n)
    for_pixels(body_of(scene, n, frame), image.size, scale,
               [&](int x, int y, double) { paint_body(image.row(y) + 3 * x, n, x, y); });
  return image;
}

ObjectMaps draw_maps(const SyntheticScene& scene, int object, int frame) {
  const Size full{2 * scene.size.width, 2 * scene.size.height};
  ObjectMaps maps{true, Image(scene.size, 3), Image(scene.size, 1), Image(full, 4), {}, Image(full, 1)};
  const Body body = body_of(scene, object, frame);
  for_pixels(body, scene.size, 1, [&](int x, int y, double distance) {
    std::uint8_t* iuv = maps.iuv.row(y) + 3 * x;
    iuv[0] = 1;
    iuv[1] = level(static_cast<int>(127.5 * (1 + (x - body.center_x) / body.radius_x)));
    iuv[2] = level(static_cast<int>(127.5 * (1 + (y - body.center_y) / body.radius_y)));
    maps.trimap.row(y)[x] = distance < 0.8 ? 255 : 128;
  });
  std::fill(maps.visibility.pixels.begin(), maps.visibility.pixels.end(), std::uint8_t{255});
  for_pixels(body, full, 2, [&](int x, int y, double) {
    paint_body(maps.matte.row(y) + 4 * x, object, x, y);
    maps.matte.row(y)[4 * x + 3] = 255;
  });
  // Objects with higher numbers stand in front and hide those behind.
  for (int front = object + 1; front < scene.objects; ++front)
    for_pixels(body_of(scene, front, frame), full, 2, [&](int x, int y, double) {
      std::fill_n(maps.matte.row(y) + 4 * x, 4, std::uint8_t{0});
      maps.visibility.row(y)[x] = 0;
    });
  return maps;
}

void write_plate(SceneWriter& writer, const Image& full, int frames) {
  PlateImage plate{full, Image(full.size, 1)};
  std::fill(plate.observed.pixels.begin(), plate.observed.pixels.end(), std::uint8_t{255});
  const auto count = static_cast<std::size_t>(3 * frames);
  writer.write_plate(plate, {{1, 1}, std::vector<float>(count, 1), std::vector<float>(count, 0)});
}

}  // namespace

void SyntheticScene::write(const std::filesystem::path& path) const {
  SceneInfo info;
  info.size = size;
  info.source = {"drawn for a benchmark", "", 0, false};
  info.preparation = "synthetic";
  SceneWriter writer(path, info);
  const Image base = background(size), full = background({2 * size.width, 2 * size.height});
  for (int t = 0; t < frames; ++t) writer.add_frame(draw_frame(*this, base, 1, t), draw_frame(*this, full, 2, t));
  std::vector<std::string> names;
  std::vector<std::uint8_t> order;
  for (int n = 0; n < objects; ++n) {
    names.push_back("body " + std::to_string(n + 1));
    order.push_back(static_cast<std::uint8_t>(n));
  }
  writer.set_objects(names, true);
  for (int t = 0; t < frames; ++t) {
    for (int n = 0; n < objects; ++n) writer.write_maps(t, n, draw_maps(*this, n, t));
    writer.write_order(t, order);
  }
  write_plate(writer, full, frames);
  writer.commit();
}

}  // namespace retime

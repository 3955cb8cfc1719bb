#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "format/scene.hpp"

namespace retime::test {

/// A scene of twelve frames of 48x32: two rectangles that pass each other over a ramp of colours. The first is in
/// frames 0 to 8, the second in 3 to 10; frame 11 is empty. From frame 6 on the first is in front.
struct TinyScene {
  static constexpr Size kSize{48, 32};
  static constexpr int kFrames = 12;
  static constexpr int kObjects = 2;

  bool plate = true;
  bool mattes = true;
  bool camera = false;
  std::string preparation = "tiny";
  std::string corrections = "";
  std::vector<int> left_out = {};

  static bool present(int object, int frame) { return object == 0 ? frame <= 8 : frame >= 3 && frame <= 10; }
  static std::vector<std::uint8_t> order(int frame) {
    return frame < 6 ? std::vector<std::uint8_t>{0, 1} : std::vector<std::uint8_t>{1, 0};
  }
  /// Colour of the plate at a pixel of the full size; at half size it is 4 x + 1, 4 y + 1, 90.
  static std::array<int, 3> plate_color(int x, int y) { return {2 * x, 2 * y, 90}; }
  /// Changes a little from place to place and from frame to frame: what was seen of an object never is all of it.
  static std::array<int, 3> color(int object, int frame, int x, int y) {
    const int change = 4 * ((x / 2 + y / 4 + 3 * frame) % 5);
    return object == 0 ? std::array{220, 40 + change, 30} : std::array{20, 60 + change, 230};
  }

  /// Whether an object covers a pixel of the full size: rectangles of 20x32, all edges even.
  static bool covers(int object, int frame, int x, int y) {
    if (!present(object, frame)) return false;
    const int left = object == 0 ? 4 + 6 * frame : 70 - 6 * frame, top = object == 0 ? 12 : 18;
    return x >= left && x < left + 20 && y >= top && y < top + 32;
  }
  /// The object seen at a pixel, -1 for the background.
  static int visible(int frame, int x, int y) {
    int result = -1;
    for (const int object : order(frame))
      if (covers(object, frame, x, y)) result = object;
    return result;
  }

  static Image full_frame(int frame) {
    Image image({2 * kSize.width, 2 * kSize.height}, 3);
    for (int y = 0; y < image.size.height; ++y)
      for (int x = 0; x < image.size.width; ++x) {
        const int object = visible(frame, x, y);
        const auto rgb = object < 0 ? plate_color(x, y) : color(object, frame, x, y);
        std::copy(rgb.begin(), rgb.end(), image.row(y) + 3 * x);
      }
    return image;
  }

  static Image base_frame(int frame) {
    const Image full = full_frame(frame);
    Image image(kSize, 3);
    for (int y = 0; y < kSize.height; ++y)
      for (int i = 0; i < 3 * kSize.width; ++i) {
        const int left = i / 3 * 6 + i % 3;
        const std::uint8_t *upper = full.row(2 * y) + left, *lower = full.row(2 * y + 1) + left;
        image.row(y)[i] = static_cast<std::uint8_t>((upper[0] + upper[3] + lower[0] + lower[3]) / 4);
      }
    return image;
  }

  static ObjectMaps maps(int object, int frame) {
    ObjectMaps maps{present(object, frame), Image(kSize, 3), Image(kSize, 1), Image({96, 64}, 4), {}, {}};
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        if (!covers(object, frame, 2 * x, 2 * y)) continue;
        const std::array<int, 3> iuv{object + 1, 5 * x, 7 * y};
        std::copy(iuv.begin(), iuv.end(), maps.iuv.row(y) + 3 * x);
        const bool edge = !covers(object, frame, 2 * x - 2, 2 * y) || !covers(object, frame, 2 * x + 2, 2 * y);
        maps.trimap.row(y)[x] = edge ? 128 : 255;
      }
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 96; ++x) {
        if (visible(frame, x, y) != object) continue;
        const auto rgb = color(object, frame, x, y);
        std::copy(rgb.begin(), rgb.end(), maps.matte.row(y) + 4 * x);
        maps.matte.row(y)[4 * x + 3] = 255;
      }
    return maps;
  }

  void write_background(SceneWriter& writer) const {
    if (plate) {
      PlateImage picture{Image({96, 64}, 3), Image({96, 64}, 1)};
      picture.color = full_frame(kFrames - 1);
      std::fill(picture.observed.pixels.begin(), picture.observed.pixels.end(), std::uint8_t{255});
      writer.write_plate(picture, {{1, 1}, std::vector<float>(3 * kFrames, 1), std::vector<float>(3 * kFrames, 0)});
    }
    if (!camera) return;
    CameraPath path;
    path.bounds = {-0.5, 58.5, -0.5, 31.5};
    for (int t = 0; t < kFrames; ++t) path.frame_from_plane.push_back({1, 0, -1.0 * t, 0, 1, 0, 0, 0, 1});
    writer.write_camera(path);
  }

  void write(const std::filesystem::path& file) const {
    SceneInfo info;
    info.size = kSize;
    info.source = {"tiny.mp4", "0123", 0, false};
    info.preparation = preparation;
    SceneWriter writer(file, info);
    for (int t = 0; t < kFrames; ++t) writer.add_frame(base_frame(t), full_frame(t));
    writer.set_objects({"red", "blue"}, mattes);
    for (int t = 0; t < kFrames; ++t) {
      for (int n = 0; n < kObjects; ++n) writer.write_maps(t, n, maps(n, t));
      writer.write_order(t, order(t));
    }
    write_background(writer);
    writer.write_corrections(corrections, left_out);
    writer.commit();
  }
};

}  // namespace retime::test

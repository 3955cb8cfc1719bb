#pragma once

#include "model/tiny_scene.hpp"

namespace retime::test {

/// The frames of TinyScene prepared for two doublings: 24x16 at training size, 96x64 at full size.
struct QuarterScene {
  static constexpr Size kSize{24, 16};
  static constexpr int kScale = 4;

  static Image base_frame(int frame) {
    const Image full = TinyScene::full_frame(frame);
    Image image(kSize, 3);
    for (int y = 0; y < kSize.height; ++y)
      for (int i = 0; i < 3 * kSize.width; ++i) {
        int sum = 0;
        for (int dy = 0; dy < kScale; ++dy)
          for (int dx = 0; dx < kScale; ++dx) sum += full.row(kScale * y + dy)[3 * (i / 3 * kScale + dx) + i % 3];
        image.row(y)[i] = static_cast<std::uint8_t>(sum / (kScale * kScale));
      }
    return image;
  }

  // Every second pixel of a map at half the full size.
  static Image halved(const Image& image) {
    Image result(kSize, image.channels);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x)
        std::copy_n(image.row(2 * y) + 2 * x * image.channels, image.channels, result.row(y) + x * image.channels);
    return result;
  }

  static void write(const std::filesystem::path& file) {
    SceneInfo info;
    info.size = kSize;
    info.scale = kScale;
    info.source = {"tiny.mp4", "0123", 0, false};
    SceneWriter writer(file, info);
    for (int t = 0; t < TinyScene::kFrames; ++t) writer.add_frame(base_frame(t), TinyScene::full_frame(t));
    writer.set_objects({"red", "blue"}, true);
    for (int t = 0; t < TinyScene::kFrames; ++t) {
      for (int n = 0; n < TinyScene::kObjects; ++n) {
        auto maps = TinyScene::maps(n, t);
        maps.iuv = halved(maps.iuv);
        maps.trimap = halved(maps.trimap);
        writer.write_maps(t, n, maps);
      }
      writer.write_order(t, TinyScene::order(t));
    }
    TinyScene().write_background(writer);
    writer.commit();
  }
};

}  // namespace retime::test

#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "format/composite.hpp"
#include "media/picture.hpp"
#include "post/compose/layer_source.hpp"
#include "post/score/truth_folder.hpp"

namespace retime::test {

/// A synthetic scene of six frames of 64x48: two rectangles, each with a shadow below, that meet in the last frame over
/// a ramp of colours. The second is in front. Its one edit, "later", shows the first two frames later.
struct TinyTruth {
  static constexpr Size kSize{64, 48};
  static constexpr int kFrames = 6;
  static constexpr int kShadowAlpha = 102;

  static Image background() {
    Image rgba(kSize, 4);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        p[0] = static_cast<std::uint8_t>(100 + x);
        p[1] = static_cast<std::uint8_t>(90 + 2 * y);
        p[2] = 150;
        p[3] = 255;
      }
    return rgba;
  }

  static int left(int object, int frame) { return object == 0 ? 4 + 3 * frame : 44 - 4 * frame; }
  static bool in_body(int object, int frame, int x, int y) {
    return x >= left(object, frame) && x < left(object, frame) + 10 && y >= 10 + 4 * object && y < 28 + 4 * object;
  }
  static bool in_shadow(int object, int frame, int x, int y) {
    return x >= left(object, frame) && x < left(object, frame) + 10 && y >= 28 + 4 * object && y < 38 + 4 * object;
  }

  static Image layer(int object, int frame) {
    Image rgba(kSize, 4);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        if (in_shadow(object, frame, x, y)) p[3] = kShadowAlpha;
        if (!in_body(object, frame, x, y)) continue;
        p[object == 0 ? 0 : 2] = 220;
        p[1] = 30;
        p[3] = 255;
      }
    return rgba;
  }

  static Image body(int object, int frame) {
    Image gray(kSize, 1);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) gray.row(y)[x] = in_body(object, frame, x, y) ? 255 : 0;
    return gray;
  }

  /// The layers of the listed objects at the listed frames (-1 = not there), over the background.
  static Image shown(std::vector<std::pair<int, int>> object_frames) {
    std::vector<Image> images{background()};
    for (const auto& [object, frame] : object_frames)
      if (frame >= 0) images.push_back(layer(object, frame));
    std::vector<CompositeLayer> layers;
    for (const auto& image : images) layers.push_back({&image});
    Image rgb;
    composite(layers, kSize, rgb);
    return rgb;
  }

  static void write(const std::filesystem::path& folder) {
    const auto save = [&](const std::filesystem::path& file, const Image& image) {
      std::filesystem::create_directories((folder / file).parent_path());
      write_png(folder / file, image);
    };
    for (int t = 0; t < kFrames; ++t) {
      const std::string file = frame_file_name(t);
      save("rgb_512/000" + std::to_string(t + 1) + ".png", shown({{0, t}, {1, t}}));
      save("truth/clean/" + file, shown({{0, t}, {1, t}}));
      save("truth/background/" + file, shown({}));
      save("truth/edits/later/" + file, shown({{0, t - 2}, {1, t}}));
      for (const int object : {0, 1}) {
        const std::string name = object == 0 ? "01/" : "02/";
        save("truth/solo/" + name + file, shown({{object, t}}));
        save("truth/without/" + name + file, shown({{1 - object, t}}));
        save("truth/layers/" + name + file, layer(object, t));
        save("truth/body/" + name + file, body(object, t));
      }
    }
    write_text_file(folder / "truth/edits/later.json", R"({"edits": [{"layer": "01", "offset": 2}]})");
    const nlohmann::json info = {{"format", 1},
                                 {"kind", "tiny"},
                                 {"seed", 7},
                                 {"size", {kSize.width, kSize.height}},
                                 {"training_size", {kSize.width / 2, kSize.height / 2}},
                                 {"frames", kFrames},
                                 {"objects", {"01", "02"}},
                                 {"edits", {"later"}},
                                 {"moving_camera", false}};
    write_text_file(folder / "truth/truth.json", info.dump());
  }
};

/// The true layers of TinyTruth; `change` may spoil them as they are read.
class TinyTruthSource final : public LayerSource {
 public:
  using Change = std::function<void(int frame, int layer, Image& rgba)>;

  explicit TinyTruthSource(Change change = {}, std::vector<std::string> names = {"background", "01", "02"})
      : change_(std::move(change)) {
    info_.size = TinyTruth::kSize;
    info_.rate = {10, 1};
    info_.frames = TinyTruth::kFrames;
    info_.layer_names = std::move(names);
  }
  LayerSourceInfo& mutable_info() { return info_; }
  const LayerSourceInfo& info() const override { return info_; }
  std::vector<int> order(int) override { return {1, 2}; }
  void read(int frame, int layer, Image& rgba) override {
    rgba = layer == 0 ? TinyTruth::background() : TinyTruth::layer(layer - 1, frame);
    if (change_) change_(frame, layer, rgba);
  }

 private:
  Change change_;
  LayerSourceInfo info_;
};

}  // namespace retime::test

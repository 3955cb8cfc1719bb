#include "stages/overview.hpp"

#include <algorithm>

#include "post/picture/contact_sheet.hpp"

namespace retime {
namespace {

constexpr std::uint8_t kTints[][3] = {{255, 160, 60}, {70, 170, 255}, {120, 230, 110}, {240, 100, 200}, {250, 230, 80}};

// The maps of all objects in one frame: U and V as shades of the object's colour, over the darkened frame.
Image maps_picture(const SceneReader& scene, int frame) {
  const auto size = scene.info().size;
  Image picture(size, 3);
  scene.read_base(frame, 1, picture.pixels);
  for (auto& value : picture.pixels) value = static_cast<std::uint8_t>(value / 3);
  Image iuv(size, 3);
  for (int object = 0; object < scene.info().object_count(); ++object) {
    scene.read_iuv(object, frame, 1, iuv.pixels);
    const auto* tint = kTints[static_cast<std::size_t>(object) % std::size(kTints)];
    for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
      if (iuv.pixels[i] == 0) continue;
      const int shade = 96 + (iuv.pixels[i + 1] + iuv.pixels[i + 2]) * 159 / 510;
      for (std::size_t c = 0; c < 3; ++c) picture.pixels[i + c] = static_cast<std::uint8_t>(tint[c] * shade / 255);
    }
  }
  return picture;
}

}  // namespace

std::vector<int> overview_frames(int frame_count, int columns) {
  std::vector<int> frames;
  const int count = std::min(frame_count, columns);
  for (int i = 0; i < count; ++i) frames.push_back(static_cast<int>((i + 0.5) * frame_count / count));
  return frames;
}

Image overview_picture(const SceneReader& scene, LayersFileSource& layers, const std::vector<int>& frames,
                       const std::vector<Image>& recomposed, const std::vector<Image>& retimed) {
  std::vector<SheetRow> rows{{"input", {}}, {"object maps", {}}};
  SheetOptions options;
  for (const int frame : frames) {
    options.column_labels.push_back(std::to_string(frame));
    rows[0].tiles.push_back(scene.read_full(frame));
    rows[1].tiles.push_back(maps_picture(scene, frame));
  }
  for (std::size_t layer = 0; layer < layers.info().layer_names.size(); ++layer) {
    SheetRow picture{layers.info().layer_names[layer], {}}, alpha{"alpha of " + picture.label, {}};
    for (const int frame : frames) {
      Image rgba;
      layers.read(frame, static_cast<int>(layer), rgba);
      alpha.tiles.push_back(alpha_channel(rgba));
      picture.tiles.push_back(std::move(rgba));
    }
    rows.push_back(std::move(picture));
    if (layer > 0) rows.push_back(std::move(alpha));
  }
  if (!recomposed.empty()) rows.push_back({"recomposed", recomposed});
  if (!retimed.empty()) rows.push_back({"retimed", retimed});
  return contact_sheet(rows, options);
}

}  // namespace retime

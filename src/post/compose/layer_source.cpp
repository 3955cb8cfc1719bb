#include "post/compose/layer_source.hpp"

#include <cmath>

#include "core/log.hpp"

namespace retime {

LayersFileSource::LayersFileSource(const std::filesystem::path& path) : reader_(path) {
  const auto& layers = reader_.info();
  info_ = {layers.size,    layers.fps, layers.frame_count, layers.names, std::nullopt, layers.frame_from_plane,
           layers.lighting};
  if (!layers.source.has_audio) return;
  if (std::filesystem::is_regular_file(layers.source.path))
    info_.audio = AudioReference{layers.source.path, layers.source.start_s, std::nullopt};
  else
    log_warn("the clip " + layers.source.path + " is gone: the video gets no sound");
}

std::vector<int> LayersFileSource::order(int frame) {
  const auto& order = reader_.info().order[static_cast<std::size_t>(frame)];
  return {order.begin(), order.end()};
}

std::optional<double> LayersFileSource::ground_contact(int frame, int layer) {
  const auto& rows = reader_.info().ground_contact;
  if (rows.empty() || layer < 1) return std::nullopt;
  const float row = rows.at(static_cast<std::size_t>(frame * (reader_.info().layer_count() - 1) + layer - 1));
  if (std::isnan(row)) return std::nullopt;
  return row;
}

}  // namespace retime

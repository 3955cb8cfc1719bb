#include "post/compose/layer_source.hpp"

#include <cmath>

#include "core/log.hpp"
#include "format/composite.hpp"
#include "post/compose/transfer.hpp"

namespace retime {

LayersFileSource::LayersFileSource(const std::filesystem::path& path) : reader_(path) {
  const auto& layers = reader_.info();
  info_ = {layers.size,     layers.fps,         layers.frame_count, layers.names, std::nullopt, layers.frame_from_plane,
           layers.lighting, layers.has_residual};
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

bool FrameTransfer::changes(int from, int to) const {
  return from != to && (camera_moves() || !info_.lighting.gain.empty());
}

Image FrameTransfer::operator()(const Image& rgba, int from, int to, int threads) const {
  Homography source_from_output = kIdentityHomography;
  if (camera_moves())
    source_from_output = product(info_.frame_from_plane.at(static_cast<std::size_t>(from)),
                                 inverse(info_.frame_from_plane.at(static_cast<std::size_t>(to))));
  Image result = camera_moves() ? warp_layer(rgba, source_from_output, threads) : rgba;
  if (!info_.lighting.gain.empty()) relight_layer(result, info_.lighting, from, to, source_from_output, threads);
  return result;
}

const Image& LayerCache::get(int layer, const SourcePosition& at, int view) {
  const Image& first = seen(layer, at.frame, view);
  if (at.weight == 0) return first;
  const Image& next = seen(layer, at.next, view);
  blends_.push_back(std::make_unique<Image>(blend_premultiplied(first, next, at.weight)));
  return *blends_.back();
}

void LayerCache::end_frame() {
  std::erase_if(entries_, [](const auto& entry) { return !entry.second.used; });
  for (auto& [key, entry] : entries_) entry.used = false;
  transferred_.clear();
  blends_.clear();
}

const Image& LayerCache::seen(int layer, int frame, int view) {
  const Image& picture = read(layer, frame);
  if (!transfer_.changes(frame, view)) return picture;
  const auto [found, added] = transferred_.try_emplace({layer, frame});
  if (added) found->second = transfer_(picture, frame, view, threads_);
  return found->second;
}

const Image& LayerCache::read(int layer, int frame) {
  const auto [found, added] = entries_.try_emplace({layer, frame});
  Entry& entry = found->second;
  if (added) {
    source_.read(frame, layer, entry.image);
    ++reads_;
  }
  entry.used = true;
  return entry.image;
}

}  // namespace retime

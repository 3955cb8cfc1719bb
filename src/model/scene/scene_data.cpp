#include "model/scene/scene_data.hpp"

#include <algorithm>

#include "dist/device.hpp"
#include "model/scene/image_tensor.hpp"

namespace retime {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kHost_gib = 4;

}  // namespace

CacheBudget cache_budget(double gib, torch::Device device) {
  const auto bytes = static_cast<std::size_t>((gib > 0 ? gib : kHost_gib) * kGib);
  if (gib > 0 || !device.is_cuda()) return {bytes, bytes};
  return {free_device_memory(device) / 2, bytes};
}

SceneData::SceneData(const SceneReader& scene, int first, int last, bool with_mattes, torch::Device device,
                     const CacheBudget& budget)
    : reader_(scene, with_mattes), first_(first), last_(last), clip_frames_(scene.info().frame_count) {
  for (int t = first; t < last; ++t) {
    const auto& order = scene.order()[static_cast<std::size_t>(t)];
    std::vector<int> positions(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) positions.at(order[k]) = static_cast<int>(k);
    positions_.push_back(std::move(positions));
    bytes_ += reader_.bytes(t);
  }
  if (bytes_ <= budget.resident)
    source_ = std::make_unique<ResidentPixels>(reader_, first, last, device);
  else
    source_ = std::make_unique<StreamedPixels>(reader_, first, last, device, budget.streamed);
  read_lighting(scene, device);
  if (scene.info().has_camera) read_camera(scene, device);
}

const FrameStream* SceneData::stream() const {
  const auto* streamed = dynamic_cast<const StreamedPixels*>(source_.get());
  return streamed == nullptr ? nullptr : &streamed->stream();
}

std::int64_t SceneData::resident_bytes() const {
  const auto* streamed = stream();
  auto bytes = static_cast<std::int64_t>(streamed ? std::min(streamed->budget(), bytes_) : bytes_);
  for (const auto* tensor : {&gain_, &offset_, &plane_from_frame_})
    if (tensor->defined()) bytes += static_cast<std::int64_t>(tensor->nbytes());
  return bytes;
}

BatchPixels SceneData::gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps) const {
  const auto [frame_rows, map_rows] = rows(frames, maps);
  const auto there = upload({frame_rows, map_rows}, device());
  return gather(frames, maps, {there[0], there[1]});
}

void SceneData::read_lighting(const SceneReader& scene, torch::Device device) {
  auto lighting = scene.info().has_plate ? scene.read_lighting() : SceneLighting{};
  const std::int64_t height = lighting.grid.height, width = lighting.grid.width, count = frame_count();
  auto gain = torch::ones({count + 1, 3}), offset = torch::zeros({count + 1, 3, height, width});
  if (scene.info().has_plate) {
    const std::int64_t all = scene.info().frame_count;
    const auto own_gain = torch::from_blob(lighting.gain.data(), {all, 3}).slice(0, first_, last_);
    const auto own_offset = torch::from_blob(lighting.offset.data(), {all, height, width, 3}).slice(0, first_, last_);
    // level' = g * level + o, with level = 127.5 * (x + 1)
    gain.slice(0, 0, count).copy_(own_gain);
    offset.slice(0, 0, count).copy_((own_gain - 1).view({-1, 3, 1, 1}) + own_offset.permute({0, 3, 1, 2}) / 127.5);
  }
  gain_ = gain.to(device);
  offset_ = offset.to(device);
}

void SceneData::read_camera(const SceneReader& scene, torch::Device device) {
  const auto camera = scene.read_camera();
  auto inverse = torch::eye(3, torch::kDouble).repeat({frame_count() + 1, 1, 1});
  for (int t = first_; t < last_; ++t) {
    const auto& h = camera.frame_from_plane.at(static_cast<std::size_t>(t));
    const auto matrix = torch::from_blob(const_cast<double*>(h.data()), {3, 3}, torch::kDouble);
    inverse[t - first_].copy_(torch::linalg_inv(matrix));
  }
  plane_from_frame_ = inverse.to(torch::kFloat).to(device);
}

int SceneData::depth_position(int object, int frame) const {
  return positions_[static_cast<std::size_t>(frame - first_)][static_cast<std::size_t>(object)];
}

torch::Tensor read_plate_tensor(const SceneReader& scene) {
  if (!scene.info().has_plate) return {};
  const auto plate = scene.read_plate();
  return (channels_first(plate.color).unsqueeze(0).to(torch::kFloat) / 127.5 - 1).contiguous();
}

}  // namespace retime

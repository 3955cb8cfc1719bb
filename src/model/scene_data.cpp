#include "model/scene_data.hpp"

#include <algorithm>

namespace F = torch::nn::functional;

namespace retime {
namespace {

torch::Tensor bytes(std::initializer_list<std::int64_t> shape) { return torch::zeros(shape, torch::kUInt8); }

std::span<std::uint8_t> row_span(torch::Tensor& tensor, std::int64_t row) {
  const auto size = static_cast<std::size_t>(tensor[0].numel());
  return {tensor.data_ptr<std::uint8_t>() + static_cast<std::size_t>(row) * size, size};
}

std::span<std::uint8_t> all_of(torch::Tensor& tensor) {
  return {tensor.data_ptr<std::uint8_t>(), static_cast<std::size_t>(tensor.numel())};
}

// Mean over the pixels of a larger picture [H', W', C] that a pixel of `size` covers.
torch::Tensor shrink(const torch::Tensor& pixels, Size size) {
  const auto chw = pixels.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat);
  const auto factor = pixels.size(0) / size.height;
  return F::avg_pool2d(chw, F::AvgPool2dFuncOptions(factor)).round().to(torch::kUInt8)[0].permute({1, 2, 0});
}

}  // namespace

SceneData::SceneData(const SceneReader& scene, int first, int last, bool with_mattes, torch::Device device)
    : first_(first), last_(last), clip_frames_(scene.info().frame_count), size_(scene.info().size) {
  for (int t = first; t < last; ++t) {
    const auto& order = scene.order()[static_cast<std::size_t>(t)];
    std::vector<int> positions(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) positions.at(order[k]) = static_cast<int>(k);
    positions_.push_back(std::move(positions));
  }
  read_frames(scene, device);
  read_maps(scene, with_mattes, device);
  read_lighting(scene, device);
  if (scene.info().has_camera) read_camera(scene, device);
}

void SceneData::read_frames(const SceneReader& scene, torch::Device device) {
  auto frames = bytes({frame_count() + 1, size_.height, size_.width, 3});
  const auto pixels = static_cast<std::size_t>(frame_count()) * size_.area() * 3;
  scene.read_base(first_, frame_count(), {frames.data_ptr<std::uint8_t>(), pixels});
  frames_ = frames.to(device);
}

void SceneData::read_maps(const SceneReader& scene, bool with_mattes, torch::Device device) {
  std::int64_t rows = 0;
  for (const auto& presence : scene.presence()) {
    std::vector<std::int64_t> object_rows;
    for (int t = first_; t < last_; ++t) object_rows.push_back(presence[static_cast<std::size_t>(t)] ? rows++ : -1);
    map_rows_.push_back(std::move(object_rows));
  }
  auto iuv = bytes({rows + 1, size_.height, size_.width, 3}), trimap = bytes({rows + 1, size_.height, size_.width, 1});
  auto matte = with_mattes ? bytes({rows + 1, size_.height, size_.width, 4}) : torch::Tensor();
  auto visibility = with_mattes ? bytes({rows + 1, size_.height, size_.width, 1}) : torch::Tensor();
  const auto [width, height] = scene.info().full_size();
  auto full = bytes({height, width, 4}), full_visibility = bytes({height, width, 1});
  for (int object = 0; object < object_count(); ++object)
    for (int t = first_; t < last_; ++t) {
      const auto row = map_rows_[static_cast<std::size_t>(object)][static_cast<std::size_t>(t - first_)];
      if (row < 0) continue;
      scene.read_iuv(object, t, 1, row_span(iuv, row));
      scene.read_trimap(object, t, 1, row_span(trimap, row));
      if (!with_mattes) continue;
      scene.read_matte(object, t, 1, all_of(full));
      matte[row].copy_(shrink(full, size_));
      scene.read_visibility(object, t, 1, all_of(full_visibility));
      visibility[row].copy_(shrink(full_visibility, size_));
    }
  iuv_ = iuv.to(device);
  trimap_ = trimap.to(device);
  if (!with_mattes) return;
  matte_ = matte.to(device);
  visibility_ = visibility.to(device);
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

std::int64_t SceneData::frame_row(int frame) const { return frame < 0 ? frame_count() : frame - first_; }

std::int64_t SceneData::map_row(int object, int frame) const {
  const auto row = map_rows_[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame - first_)];
  return row < 0 ? empty_map_row() : row;
}

int SceneData::depth_position(int object, int frame) const {
  return positions_[static_cast<std::size_t>(frame - first_)][static_cast<std::size_t>(object)];
}

torch::Tensor read_plate_tensor(const SceneReader& scene) {
  if (!scene.info().has_plate) return {};
  auto plate = scene.read_plate();
  const auto [width, height] = plate.color.size;
  const auto pixels = torch::from_blob(plate.color.pixels.data(), {1, height, width, 3}, torch::kUInt8);
  return (pixels.permute({0, 3, 1, 2}).to(torch::kFloat) / 127.5 - 1).contiguous();
}

}  // namespace retime

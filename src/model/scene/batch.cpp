#include "model/scene/batch.hpp"

#include <torch/nn/functional/vision.h>

#include <algorithm>

namespace F = torch::nn::functional;

namespace retime {
namespace {

struct Slots {
  std::vector<std::int64_t> frame, object, place;
  std::vector<float> weight;
};

Slots list_slots(const SceneData& data, const std::vector<int>& frames, bool skip_absent) {
  Slots slots;
  const int objects = data.object_count();
  for (std::size_t b = 0; b < frames.size(); ++b)
    for (int n = 0; n < objects && frames[b] >= 0; ++n) {
      if (skip_absent && !data.is_present(n, frames[b])) continue;
      slots.frame.push_back(static_cast<std::int64_t>(b));
      slots.object.push_back(n);
      slots.place.push_back(static_cast<std::int64_t>(b) * objects + data.depth_position(n, frames[b]));
      slots.weight.push_back(1);
    }
  if (slots.frame.empty())  // Every rank runs the renderer in every step, so that collective calls match.
    slots = {{0}, {0}, {static_cast<std::int64_t>(frames.size()) * objects}, {0}};
  return slots;
}

template <class T>
torch::Tensor to_device(const std::vector<T>& values, torch::Device device) {
  return torch::tensor(values).to(device, /*non_blocking=*/true);
}

std::vector<MapPlace> places_of(const Slots& slots) {
  std::vector<MapPlace> places;
  for (std::size_t s = 0; s < slots.frame.size(); ++s)
    places.push_back({slots.frame[s], static_cast<int>(slots.object[s])});
  return places;
}

torch::Tensor channels_first(const torch::Tensor& rows) { return rows.permute({0, 3, 1, 2}); }

// Rows of the affine maps from output to input coordinates, both in [-1, 1].
torch::Tensor affine(const std::vector<Augmentation>& augmentations, std::size_t count) {
  auto theta = torch::zeros({static_cast<std::int64_t>(count), 2, 3});
  auto rows = theta.accessor<float, 3>();
  for (std::size_t b = 0; b < count; ++b) {
    const Augmentation a = augmentations.empty() ? Augmentation{} : augmentations[b];
    const auto i = static_cast<std::int64_t>(b);
    rows[i][0][0] = rows[i][1][1] = static_cast<float>(1 / a.scale);
    rows[i][0][2] = static_cast<float>(a.center_x);
    rows[i][1][2] = static_cast<float>(a.center_y);
  }
  return theta;
}

torch::Tensor resample(const torch::Tensor& values, const torch::Tensor& grid, bool nearest) {
  auto options = F::GridSampleFuncOptions().padding_mode(torch::kBorder).align_corners(false);
  if (nearest) options.mode(torch::kNearest);
  return F::grid_sample(values, grid, options);
}

void set_maps(Batch& batch, const BatchPixels& pixels) {
  // Part indices and trimaps are labels: taken from the nearest pixel. Mattes are colours: interpolated.
  auto labels = torch::cat({channels_first(pixels.iuv), channels_first(pixels.trimap)}, 1).to(torch::kFloat);
  const auto slot_grid = batch.resampled ? batch.grid.index_select(0, batch.slot_frame) : torch::Tensor();
  if (batch.resampled) labels = resample(labels, slot_grid, true);
  batch.iuv = torch::cat({labels.slice(1, 0, 1), labels.slice(1, 1, 3) / 255}, 1);
  batch.trimap = torch::round(labels.slice(1, 3, 4) * (2.0 / 255)) / 2;
  if (!pixels.matte.defined()) return;
  batch.matte = channels_first(pixels.matte).to(torch::kFloat) / 255;
  auto visibility = channels_first(pixels.visibility).to(torch::kFloat);
  if (batch.resampled) {
    batch.matte = resample(batch.matte, slot_grid, false);
    visibility = resample(visibility, slot_grid, false);
  }
  batch.visibility = visibility / 255;
}

// What is hidden depends on the frame and its augmentation alone, not on the rank that has it.
void set_occluders(Batch& batch, const Slots& slots, const std::vector<Augmentation>& augmentations) {
  for (std::size_t s = 0; s < slots.frame.size(); ++s) {
    const auto& augmentation = augmentations[static_cast<std::size_t>(slots.frame[s])];
    batch.occluders.push_back(
        occluder_of(augmentation.occlusion_probability, augmentation.occlusion_key, slots.object[s]));
  }
  batch.slot_frames = slots.frame;
}

}  // namespace

Batch make_batch(const SceneData& data, const std::vector<int>& frames, const std::vector<Augmentation>& augmentations,
                 bool skip_absent) {
  const auto device = data.device();
  Batch batch;
  batch.object_count = data.object_count();
  batch.resampled = !augmentations.empty();

  std::vector<std::int64_t> rows;
  std::vector<float> weights, brightness, time;
  for (std::size_t b = 0; b < frames.size(); ++b) {
    rows.push_back(data.frame_row(frames[b]));
    time.push_back((static_cast<float>(std::max(frames[b], 0)) + 0.5F) / static_cast<float>(data.clip_frames()));
    weights.push_back(frames[b] >= 0 ? 1.0F : 0.0F);
    brightness.push_back(augmentations.empty() ? 0.0F : static_cast<float>(augmentations[b].brightness));
  }
  const auto index = to_device(rows, device);
  const std::int64_t height = data.size().height, width = data.size().width;
  const auto theta = affine(augmentations, frames.size()).to(device, true);
  batch.grid = F::affine_grid(theta, {theta.size(0), 1, height, width}, /*align_corners=*/false);
  const auto slots = list_slots(data, frames, skip_absent);
  const auto pixels = data.gather(frames, places_of(slots));
  batch.frames = channels_first(pixels.frames).to(torch::kFloat) / 127.5 - 1;
  if (batch.resampled) batch.frames = resample(batch.frames, batch.grid, false);
  if (std::any_of(brightness.begin(), brightness.end(), [](float b) { return b != 0; }))
    batch.frames = (batch.frames + to_device(brightness, device).view({-1, 1, 1, 1})).clamp(-1, 1);
  batch.time = to_device(time, device);
  batch.frame_weight = to_device(weights, device);
  batch.gain = data.gain().index_select(0, index).view({-1, 3, 1, 1});
  batch.offset = data.offset().index_select(0, index);
  if (data.plane_from_frame().defined()) batch.plane_from_frame = data.plane_from_frame().index_select(0, index);

  batch.slot_frame = to_device(slots.frame, device);
  batch.slot_object = to_device(slots.object, device);
  batch.slot_place = to_device(slots.place, device);
  batch.slot_weight = to_device(slots.weight, device);
  const auto is_zero = [](float weight) { return weight == 0; };
  batch.padded = std::any_of(weights.begin(), weights.end(), is_zero) ||
                 std::any_of(slots.weight.begin(), slots.weight.end(), is_zero);
  set_maps(batch, pixels);
  if (batch.visibility.defined() && batch.resampled) set_occluders(batch, slots, augmentations);
  return batch;
}

torch::Tensor stack_layers(const torch::Tensor& slots, const Batch& batch) {
  const auto frames = batch.frames.size(0), places = frames * batch.object_count;
  // One row more than there are layers: the slot that stands in for "none" lands there and is cut off.
  auto stack = torch::zeros({places + 1, slots.size(1), slots.size(2), slots.size(3)}, slots.options());
  return stack.index_copy(0, batch.slot_place, slots)
      .slice(0, 0, places)
      .view({frames, batch.object_count, slots.size(1), slots.size(2), slots.size(3)});
}

torch::Tensor sum_over_frame(const torch::Tensor& slots, const Batch& batch) {
  return stack_layers(slots, batch).sum(1).index_select(0, batch.slot_frame);
}

}  // namespace retime

#include "model/scene/batch.hpp"

#include <torch/nn/functional/vision.h>

#include <algorithm>
#include <array>

#include "model/scene/image_tensor.hpp"

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
      slots.weight.push_back(data.is_left_out(frames[b]) ? 0.0F : 1.0F);
    }
  if (slots.frame.empty())  // Every rank runs the renderer in every step, so that collective calls match.
    slots = {{0}, {0}, {static_cast<std::int64_t>(frames.size()) * objects}, {0}};
  return slots;
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

void set_maps(Batch& batch, const SlotMaps& pixels) {
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
Occlusion hidden_of(const Slots& slots, const std::vector<Augmentation>& augmentations) {
  std::vector<Occluder> occluders;
  for (std::size_t s = 0; s < slots.frame.size(); ++s) {
    const auto& augmentation = augmentations[static_cast<std::size_t>(slots.frame[s])];
    occluders.push_back(occluder_of(augmentation.occlusion_probability, augmentation.occlusion_key, slots.object[s]));
  }
  return occlusion_of(occluders, slots.frame);
}

// What a batch says of its frames.
struct FrameNumbers {
  std::vector<std::int64_t> row;
  std::vector<float> weight, brightness, time;
};

FrameNumbers frame_numbers(const SceneData& data, const std::vector<int>& frames,
                           const std::vector<Augmentation>& augmentations) {
  FrameNumbers numbers;
  for (std::size_t b = 0; b < frames.size(); ++b) {
    numbers.row.push_back(data.frame_row(frames[b]));
    numbers.time.push_back((static_cast<float>(std::max(frames[b], 0)) + 0.5F) /
                           static_cast<float>(data.clip_frames()));
    numbers.weight.push_back(frames[b] >= 0 && !data.is_left_out(frames[b]) ? 1.0F : 0.0F);
    numbers.brightness.push_back(augmentations.empty() ? 0.0F : static_cast<float>(augmentations[b].brightness));
  }
  return numbers;
}

bool any_zero(const std::vector<float>& weights) {
  return std::find(weights.begin(), weights.end(), 0.0F) != weights.end();
}

// Everything small that a batch needs on the device.
struct Numbers {
  torch::Tensor frame_row, theta, brightness;
  PixelRows pixel_rows;
};

// Fills what a batch says of its frames and slots, and sends it to the device.
Numbers set_numbers(Batch& batch, const SceneData& data, const FrameNumbers& frames, const Slots& slots,
                    const PixelRows& pixel_rows, torch::Tensor theta) {
  Numbers numbers{torch::tensor(frames.row), std::move(theta), {}, pixel_rows};
  const auto is_bright = [](float brightness) { return brightness != 0; };
  if (std::any_of(frames.brightness.begin(), frames.brightness.end(), is_bright))
    numbers.brightness = torch::tensor(frames.brightness).view({-1, 1, 1, 1});
  batch.time = torch::tensor(frames.time);
  batch.frame_weight = torch::tensor(frames.weight);
  batch.slot_frame = torch::tensor(slots.frame);
  batch.slot_object = torch::tensor(slots.object);
  batch.slot_place = torch::tensor(slots.place);
  batch.slot_weight = torch::tensor(slots.weight);
  batch.padded = any_zero(frames.weight) || any_zero(slots.weight);
  auto& hidden = batch.occlusion;
  const std::array own{&numbers.frame_row,     &numbers.theta,    &numbers.brightness, &numbers.pixel_rows[0],
                       &numbers.pixel_rows[1], &batch.time,       &batch.frame_weight, &batch.slot_frame,
                       &batch.slot_object,     &batch.slot_place, &batch.slot_weight,  &hidden.hides,
                       &hidden.silhouette,     &hidden.contests,  &hidden.other,       &hidden.partner};
  std::vector<torch::Tensor> tensors;
  for (const auto* tensor : own) tensors.push_back(*tensor);
  tensors = upload(tensors, data.device());
  for (std::size_t i = 0; i < own.size(); ++i) *own[i] = tensors[i];
  return numbers;
}

}  // namespace

Batch make_batch(const SceneData& data, const std::vector<int>& frames, const std::vector<Augmentation>& augmentations,
                 bool skip_absent) {
  Batch batch;
  batch.object_count = data.object_count();
  batch.resampled = !augmentations.empty();
  const auto slots = list_slots(data, frames, skip_absent);
  const auto places = places_of(slots);
  if (data.with_mattes() && batch.resampled) batch.occlusion = hidden_of(slots, augmentations);
  const auto numbers = set_numbers(batch, data, frame_numbers(data, frames, augmentations), slots,
                                   data.rows(frames, places), affine(augmentations, frames.size()));
  const std::int64_t height = data.size().height, width = data.size().width;
  batch.grid = F::affine_grid(numbers.theta, {numbers.theta.size(0), 1, height, width}, /*align_corners=*/false);
  const auto pixels = data.gather(frames, places, numbers.pixel_rows);
  batch.frames = channels_first(pixels.frames).to(torch::kFloat) / 127.5 - 1;
  if (batch.resampled) batch.frames = resample(batch.frames, batch.grid, false);
  if (numbers.brightness.defined()) batch.frames = (batch.frames + numbers.brightness).clamp(-1, 1);
  batch.gain = data.gain().index_select(0, numbers.frame_row).view({-1, 3, 1, 1});
  batch.offset = data.offset().index_select(0, numbers.frame_row);
  if (data.plane_from_frame().defined())
    batch.plane_from_frame = data.plane_from_frame().index_select(0, numbers.frame_row);
  set_maps(batch, pixels.maps);
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

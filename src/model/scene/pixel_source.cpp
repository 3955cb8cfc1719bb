#include "model/scene/pixel_source.hpp"

#include <algorithm>

namespace retime {
namespace {

torch::Tensor bytes(std::int64_t rows, Size size, int channels) {
  return torch::zeros({rows, size.height, size.width, channels}, torch::kUInt8);
}

std::span<std::uint8_t> row_span(torch::Tensor& tensor, std::int64_t row) {
  const auto size = static_cast<std::size_t>(tensor[0].numel());
  return {tensor.data_ptr<std::uint8_t>() + static_cast<std::size_t>(row) * size, size};
}

void copy_row(const Image& image, torch::Tensor& tensor, std::int64_t row) {
  std::copy(image.pixels.begin(), image.pixels.end(), row_span(tensor, row).begin());
}

}  // namespace

ResidentPixels::ResidentPixels(const PixelReader& reader, int first, int last, torch::Device device) : first_(first) {
  auto frames = bytes(last - first + 1, reader.info().size, 3);
  for (int t = first; t < last; ++t) reader.read_base(t, row_span(frames, t - first));
  frames_ = frames.to(device);
  read_maps(reader, last, device);
}

void ResidentPixels::read_maps(const PixelReader& reader, int last, torch::Device device) {
  std::int64_t rows = 0;
  const int objects = reader.info().object_count();
  for (int object = 0; object < objects; ++object) {
    auto& object_rows = map_rows_.emplace_back();
    for (int t = first_; t < last; ++t) object_rows.push_back(reader.is_present(object, t) ? rows++ : -1);
  }
  const Size size = reader.info().size;
  const bool with_mattes = reader.with_mattes();
  auto iuv = bytes(rows + 1, size, 3), trimap = bytes(rows + 1, size, 1);
  auto matte = with_mattes ? bytes(rows + 1, size, 4) : torch::Tensor();
  auto visibility = with_mattes ? bytes(rows + 1, size, 1) : torch::Tensor();
  for (int object = 0; object < objects; ++object)
    for (int t = first_; t < last; ++t) {
      const auto row = map_rows_[static_cast<std::size_t>(object)][static_cast<std::size_t>(t - first_)];
      if (row < 0) continue;
      reader.read_iuv(object, t, row_span(iuv, row));
      reader.read_trimap(object, t, row_span(trimap, row));
      if (!with_mattes) continue;
      reader.read_matte(object, t, row_span(matte, row));
      reader.read_visibility(object, t, row_span(visibility, row));
    }
  maps_.iuv = iuv.to(device);
  maps_.trimap = trimap.to(device);
  if (!with_mattes) return;
  maps_.matte = matte.to(device);
  maps_.visibility = visibility.to(device);
}

std::int64_t ResidentPixels::map_row(int object, int frame) const {
  const auto row =
      frame < 0 ? -1 : map_rows_[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame - first_)];
  return row < 0 ? maps_.iuv.size(0) - 1 : row;
}

PixelRows ResidentPixels::rows(const std::vector<int>& frames, const std::vector<MapPlace>& maps) const {
  std::vector<std::int64_t> frame_rows, map_rows;
  for (const int frame : frames) frame_rows.push_back(frame < 0 ? frames_.size(0) - 1 : frame - first_);
  for (const auto& map : maps) map_rows.push_back(map_row(map.object, frames[static_cast<std::size_t>(map.frame)]));
  return {torch::tensor(frame_rows, torch::kLong), torch::tensor(map_rows, torch::kLong)};
}

BatchPixels ResidentPixels::gather(const std::vector<int>& /*frames*/, const std::vector<MapPlace>& /*maps*/,
                                   const PixelRows& rows) {
  const auto& [frame_index, map_index] = rows;
  const auto gathered = [&](const torch::Tensor& all) {
    return all.defined() ? all.index_select(0, map_index) : torch::Tensor();
  };
  return {frames_.index_select(0, frame_index),
          {gathered(maps_.iuv), gathered(maps_.trimap), gathered(maps_.matte), gathered(maps_.visibility)}};
}

StreamedPixels::StreamedPixels(const PixelReader& reader, int first, int last, torch::Device device, std::size_t budget)
    : size_(reader.info().size),
      with_mattes_(reader.with_mattes()),
      device_(device),
      stream_(reader, first, last, budget) {}

torch::Tensor StreamedPixels::zeros(std::size_t rows, int channels) const {
  return torch::zeros({static_cast<std::int64_t>(rows), size_.height, size_.width, channels},
                      torch::TensorOptions(torch::kUInt8).pinned_memory(device_.is_cuda()));
}

BatchPixels StreamedPixels::gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps,
                                   const PixelRows& /*rows*/) {
  BatchPixels pixels{zeros(frames.size(), 3), {zeros(maps.size(), 3), zeros(maps.size(), 1), {}, {}}};
  auto& [iuv, trimap, matte, visibility] = pixels.maps;
  if (with_mattes_) matte = zeros(maps.size(), 4), visibility = zeros(maps.size(), 1);
  for (std::size_t b = 0; b < frames.size(); ++b) {
    if (frames[b] < 0) continue;
    const auto place = static_cast<std::int64_t>(b);
    stream_.use(frames[b], [&](const FramePixels& read) {
      copy_row(read.frame, pixels.frames, place);
      for (std::size_t s = 0; s < maps.size(); ++s) {
        const auto& object = read.maps[static_cast<std::size_t>(maps[s].object)];
        if (maps[s].frame != place || !object.present) continue;
        const auto row = static_cast<std::int64_t>(s);
        copy_row(object.iuv, iuv, row);
        copy_row(object.trimap, trimap, row);
        if (!with_mattes_) continue;
        copy_row(object.matte, matte, row);
        copy_row(object.visibility, visibility, row);
      }
    });
  }
  for (auto* tensor : {&pixels.frames, &iuv, &trimap, &matte, &visibility})
    if (tensor->defined()) *tensor = tensor->to(device_, /*non_blocking=*/true);
  return pixels;
}

}  // namespace retime

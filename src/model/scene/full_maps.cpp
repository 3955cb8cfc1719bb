#include "model/scene/full_maps.hpp"

#include <torch/nn/functional/pooling.h>

#include <algorithm>

#include "model/scene/image_tensor.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

torch::Tensor channels_last(const Image& image) { return channels_first(image).permute({1, 2, 0}); }

// First and one past the last index of the entries that are set.
std::pair<int, int> extent(const torch::Tensor& flags) {
  const auto set = flags.nonzero();
  if (set.size(0) == 0) return {0, 0};
  return {static_cast<int>(set[0].item<std::int64_t>()), static_cast<int>(set[-1].item<std::int64_t>()) + 1};
}

Window window_of(const torch::Tensor& flags) {
  const auto [top, bottom] = extent(flags.any(1));
  const auto [left, right] = extent(flags.any(0));
  return {left, top, right, bottom};
}

Window overlap(const Window& a, const Window& b) {
  const int left = std::max(a.left, b.left), top = std::max(a.top, b.top);
  return {left, top, std::max(left, std::min(a.right, b.right)), std::max(top, std::min(a.bottom, b.bottom))};
}

torch::Tensor part_of(const torch::Tensor& hwc, const Window& origin, const Window& window) {
  return hwc.slice(0, window.top - origin.top, window.bottom - origin.top)
      .slice(1, window.left - origin.left, window.right - origin.left);
}

// The two source pixels of every enlarged one along an axis, and the share of the second.
struct Neighbours {
  torch::Tensor first, second, share;
};

Neighbours neighbours(std::int64_t length, int factor) {
  const auto position =
      ((torch::arange(length * factor, torch::kFloat) + 0.5) / factor - 0.5).clamp(0, static_cast<double>(length - 1));
  const auto first = position.floor();
  return {first.to(torch::kLong), (first + 1).clamp_max(static_cast<double>(length - 1)).to(torch::kLong),
          position - first};
}

}  // namespace

torch::Tensor enlarged_iuv(const torch::Tensor& iuv, int factor) {
  const auto values = iuv.to(torch::kFloat);
  const auto nearest = values.slice(2, 0, 1).repeat_interleave(factor, 0).repeat_interleave(factor, 1);
  const auto y = neighbours(values.size(0), factor), x = neighbours(values.size(1), factor);
  auto sum = torch::zeros({nearest.size(0), nearest.size(1), 2}), total = torch::zeros_like(nearest);
  for (const bool below : {false, true})
    for (const bool right : {false, true}) {
      const auto corner =
          values.index_select(0, below ? y.second : y.first).index_select(1, right ? x.second : x.first);
      const auto share =
          (below ? y.share : 1 - y.share).view({-1, 1, 1}) * (right ? x.share : 1 - x.share).view({-1, 1});
      const auto weight = share * (corner.slice(2, 0, 1) == nearest);
      sum += weight * corner.slice(2, 1, 3);
      total += weight;
    }
  return torch::cat({nearest, sum / total}, 2).round().to(torch::kUInt8);
}

FullMaps::FullMaps(const SceneReader& scene, torch::Device device) : scene_(scene), device_(device) {}

Image FullMaps::read(Kind kind, int object, int frame) const {
  if (kind == Kind::kFrame) return scene_.read_full(frame);
  if (kind == Kind::kIuv) return read_iuv(object, frame);
  Image image(scene_.info().full_size(), kind == Kind::kMatte ? 4 : 1);
  if (kind == Kind::kMatte)
    scene_.read_matte(object, frame, 1, image.pixels);
  else
    scene_.read_visibility(object, frame, 1, image.pixels);
  return image;
}

Image FullMaps::read_iuv(int object, int frame) const {
  const auto& info = scene_.info();
  Image full(info.full_size(), 3);
  if (info.has_full_iuv) {
    scene_.read_iuv_full(object, frame, 1, full.pixels);
    return full;
  }
  Image base(info.size, 3);
  scene_.read_iuv(object, frame, 1, base.pixels);
  const auto large = enlarged_iuv(channels_last(base), info.scale).contiguous();
  std::copy_n(large.data_ptr<std::uint8_t>(), full.pixels.size(), full.pixels.begin());
  return full;
}

const FullMaps::Box& FullMaps::box(Kind kind, int object, int frame) {
  const auto key = std::make_tuple(kind, object, frame);
  if (const auto found = boxes_.find(key); found != boxes_.end()) return found->second;
  Box box{{}, whole(scene_.info().full_size()), kind == Kind::kVisibility ? 255 : 0};
  const bool empty =
      frame < 0 || (kind != Kind::kFrame &&
                    !scene_.presence().at(static_cast<std::size_t>(object)).at(static_cast<std::size_t>(frame)));
  const Image image = empty ? Image({1, 1}, kind == Kind::kMatte ? 4 : kind == Kind::kVisibility ? 1 : 3) : take(key);
  if (empty)
    box.window = {};
  else if (kind != Kind::kFrame)
    box.window = window_of((channels_last(image) != box.outside).any(2));
  box.pixels = part_of(channels_last(image), {}, box.window).clone();
  bytes_ += box.pixels.nbytes();
  keys_.push_back(key);
  return boxes_.emplace(key, std::move(box)).first->second;
}

void FullMaps::trim(std::size_t bytes) {
  for (; !keys_.empty() && (bytes_ > bytes || bytes == 0); keys_.pop_back()) {
    const auto last = boxes_.find(keys_.back());
    bytes_ -= last->second.pixels.nbytes();
    boxes_.erase(last);
  }
}

Image FullMaps::take(const Key& key) {
  const auto [kind, object, frame] = key;
  if (auto found = ready_.extract(key)) return std::move(found.mapped());
  return read(kind, object, frame);
}

std::vector<FullMaps::Key> FullMaps::missing_keys(const std::vector<int>& frames, bool with_mattes) const {
  std::vector<Key> keys;
  const auto add = [&](Kind kind, int object, int frame) {
    if (!boxes_.contains({kind, object, frame})) keys.emplace_back(kind, object, frame);
  };
  for (const int frame : frames) {
    if (frame < 0) continue;
    add(Kind::kFrame, 0, frame);
    for (int n = 0; n < scene_.info().object_count(); ++n) {
      if (!scene_.presence()[static_cast<std::size_t>(n)][static_cast<std::size_t>(frame)]) continue;
      if (scene_.info().has_full_iuv) add(Kind::kIuv, n, frame);  // else it is enlarged, which is work for this thread
      if (!with_mattes) continue;
      add(Kind::kMatte, n, frame);
      add(Kind::kVisibility, n, frame);
    }
  }
  return keys;
}

void FullMaps::prefetch(const std::vector<int>& frames, bool with_mattes) {
  ready_ = coming_.valid() ? coming_.get() : std::map<Key, Image>{};
  const auto keys = missing_keys(frames, with_mattes);
  if (keys.empty()) return;
  coming_ = std::async(std::launch::async, [this, keys] {
    std::map<Key, Image> images;
    for (const auto& [kind, object, frame] : keys) images[{kind, object, frame}] = read(kind, object, frame);
    return images;
  });
}

torch::Tensor FullMaps::pixels(const Box& box, const Window& window) const {
  const auto memory = torch::TensorOptions(torch::kUInt8).pinned_memory(device_.is_cuda());
  auto result = torch::full({window.height(), window.width(), box.pixels.size(2)}, box.outside, memory);
  const auto shared = overlap(box.window, window);
  if (shared.width() > 0 && shared.height() > 0)
    part_of(result, window, shared).copy_(part_of(box.pixels, box.window, shared));
  return result.to(device_, /*non_blocking=*/true).permute({2, 0, 1});
}

torch::Tensor FullMaps::mean(const Box& box, int scale, const Window& window) const {
  const int factor = scene_.info().scale / scale;
  const auto values = pixels(box, scaled(window, factor)).to(torch::kFloat);
  return factor == 1 ? values : F::avg_pool2d(values.unsqueeze(0), F::AvgPool2dFuncOptions(factor))[0];
}

torch::Tensor FullMaps::frame(int frame, int scale, const Window& window) {
  return mean(box(Kind::kFrame, 0, frame), scale, window) / 127.5 - 1;
}

torch::Tensor FullMaps::matte(int object, int frame, int scale, const Window& window) {
  return mean(box(Kind::kMatte, object, frame), scale, window) / 255;
}

torch::Tensor FullMaps::visibility(int object, int frame, int scale, const Window& window) {
  return mean(box(Kind::kVisibility, object, frame), scale, window) / 255;
}

torch::Tensor FullMaps::iuv(int object, int frame, int scale, const Window& window) {
  const int factor = scene_.info().scale / scale;
  const auto values = pixels(box(Kind::kIuv, object, frame), scaled(window, factor));
  const auto blocks = values.to(torch::kFloat)
                          .view({3, window.height(), factor, window.width(), factor})
                          .permute({0, 2, 4, 1, 3})
                          .flatten(1, 2);  // [3, factor * factor, h, w]
  const auto parts = blocks.slice(0, 0, 1), part = parts.slice(1, 0, 1);
  // U and V of the block's middle: the mean over its pixels of the same part.
  const auto same = (parts == part).to(torch::kFloat);
  const auto uv = (blocks.slice(0, 1, 3) * same).sum(1) / same.sum(1);
  return torch::cat({part.squeeze(1), uv / 255});
}

}  // namespace retime

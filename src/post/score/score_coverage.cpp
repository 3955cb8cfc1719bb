#include "post/score/score_coverage.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "post/score/metrics.hpp"

namespace retime {
namespace {

constexpr int kVisible = 5;  // levels of alpha: 0.02

Image covered(const TruthFolder& truth, int frame) {
  Image mask(truth.info().size, 1);
  for (std::size_t object = 0; object < truth.info().objects.size(); ++object)
    unite(mask, above(truth.layer(static_cast<int>(object), frame), 3, kVisible));
  return mask;
}

Image halved(const Image& mask) {
  Image half({mask.size.width / 2, mask.size.height / 2}, 1);
  for (int y = 0; y < 2 * half.size.height; ++y)
    for (int x = 0; x < 2 * half.size.width; ++x) half.row(y / 2)[x / 2] |= mask.row(y)[x];
  return half;
}

Image doubled(const Image& half, Size size) {
  Image mask(size, 1);
  for (int y = 0; y < 2 * half.size.height; ++y)
    for (int x = 0; x < 2 * half.size.width; ++x) mask.row(y)[x] = half.row(y / 2)[x / 2];
  return mask;
}

// Adds to `mask` the pixels that `other`, seen through `other_from_mask`, has set.
void unite_warped(Image& mask, const Image& other, const Homography& other_from_mask) {
  for (int y = 0; y < mask.size.height; ++y)
    for (int x = 0; x < mask.size.width; ++x) {
      const PlanePoint point = project(other_from_mask, {static_cast<double>(x), static_cast<double>(y)});
      const double u = std::round(point.x), v = std::round(point.y);
      if (!(u >= 0 && v >= 0 && u < other.size.width && v < other.size.height)) continue;
      mask.row(y)[x] |= other.row(static_cast<int>(v))[static_cast<int>(u)];
    }
}

std::vector<Image> united_in_plane(const std::vector<Image>& masks, const CameraPath& camera, Size size,
                                   std::pair<int, int> range) {
  std::vector<Image> united(masks.size());
  for (auto t = static_cast<std::size_t>(range.first); t < static_cast<std::size_t>(range.second); ++t) {
    const Homography plane_from_frame = inverse(camera.frame_from_plane[t]);
    Image mask = masks[t];
    for (std::size_t s = 0; s < masks.size(); ++s)
      if (s != t) unite_warped(mask, masks[s], product(camera.frame_from_plane[s], plane_from_frame));
    united[t] = doubled(mask, size);
  }
  return united;
}

// Unites a mask with those of the other processes.
void unite_over(const FrameParts& parts, Image& mask) {
  if (parts.parts == 1) return;
  std::vector<double> values(mask.pixels.begin(), mask.pixels.end());
  parts.sum(values);
  std::transform(values.begin(), values.end(), mask.pixels.begin(),
                 [](double value) { return static_cast<std::uint8_t>(value > 0 ? 255 : 0); });
}

}  // namespace

EverCovered::EverCovered(const TruthFolder& truth, const std::optional<CameraPath>& camera, const FrameParts& parts) {
  const TruthInfo& info = truth.info();
  if (camera && camera->frame_from_plane.size() < static_cast<std::size_t>(info.frames))
    throw Error("the homographies of " + truth.path().string() + " are fewer than its frames: make the folder again");
  const auto range = parts.range(info.frames);
  std::vector<Image> masks;
  Image all(info.size, 1);
  for (int t = 0; t < info.frames; ++t) {
    const bool own = t >= range.first && t < range.second;
    if (own) camera ? masks.push_back(halved(covered(truth, t))) : unite(all, covered(truth, t));
    if (!camera) continue;
    if (!own) masks.emplace_back(Size{info.size.width / 2, info.size.height / 2}, 1);
    unite_over(parts, masks.back());
  }
  if (!camera) unite_over(parts, all);
  masks_ = camera ? united_in_plane(masks, *camera, info.size, range) : std::vector{std::move(all)};
}

}  // namespace retime

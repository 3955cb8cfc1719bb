#include "post/score/truth_folder.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "media/picture.hpp"
#include "post/score/metrics.hpp"

namespace retime {
namespace {

constexpr int kFormat = 1;

TruthInfo parse_info(const nlohmann::json& json) {
  if (json.at("format").get<int>() != kFormat) throw Error("its format is not 1");
  TruthInfo info;
  info.kind = json.at("kind").get<std::string>();
  info.seed = json.at("seed").get<std::int64_t>();
  info.size = {json.at("size").at(0).get<int>(), json.at("size").at(1).get<int>()};
  info.training_size = {json.at("training_size").at(0).get<int>(), json.at("training_size").at(1).get<int>()};
  info.frames = json.at("frames").get<int>();
  info.objects = json.at("objects").get<std::vector<std::string>>();
  info.edits = json.at("edits").get<std::vector<std::string>>();
  info.moving_camera = json.at("moving_camera").get<bool>();
  return info;
}

TruthInfo read_info(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error("no truth in " + file.string() + " (no such file): name a folder made by `retime synth`");
  try {
    return parse_info(nlohmann::json::parse(in));
  } catch (const std::exception& error) {
    throw Error("cannot use " + file.string() + " (" + error.what() + "): make the folder again with `retime synth`");
  }
}

Image covered(const TruthFolder& truth, int frame) {
  Image mask(truth.info().size, 1);
  for (std::size_t object = 0; object < truth.info().objects.size(); ++object)
    unite(mask, above(truth.layer(static_cast<int>(object), frame), 3, kVisible));
  return mask;
}

// By hand, as OpenCV has no "any of four pixels"; what is set stays set, there and back.
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

std::string VideoRequest::folder() const {
  switch (kind) {
    case VideoKind::kReconstruction:
      return "reconstruction";
    case VideoKind::kBackground:
      return "background";
    case VideoKind::kSolo:
      return "solo/" + name;
    case VideoKind::kWithout:
      return "without/" + name;
    case VideoKind::kEdit:
      return "edits/" + name;
  }
  return {};
}

TruthFolder::TruthFolder(const std::filesystem::path& folder)
    : folder_(folder), truth_(folder / "truth"), info_(read_info(truth_ / "truth.json")) {}

std::vector<VideoRequest> TruthFolder::videos() const {
  std::vector<VideoRequest> videos{{VideoKind::kReconstruction, ""}, {VideoKind::kBackground, ""}};
  for (const auto& name : info_.objects) videos.push_back({VideoKind::kSolo, name});
  for (const auto& name : info_.objects) videos.push_back({VideoKind::kWithout, name});
  for (const auto& name : info_.edits) videos.push_back({VideoKind::kEdit, name});
  return videos;
}

Image TruthFolder::video_frame(const VideoRequest& video, int frame) const {
  if (video.kind != VideoKind::kReconstruction)
    return read_picture(truth_ / video.folder() / frame_file_name(frame), info_.size, 3);
  return read_picture(folder_ / "rgb_512" / fmt::format("{:04}.png", frame + 1), info_.size, 3);
}

Image TruthFolder::clean(int frame) const {
  return read_picture(truth_ / "clean" / frame_file_name(frame), info_.size, 3);
}

Image TruthFolder::layer(int object, int frame) const {
  return read_picture(truth_ / "layers" / object_name(object) / frame_file_name(frame), info_.size, 4);
}

Image TruthFolder::body(int object, int frame) const {
  return read_picture(truth_ / "body" / object_name(object) / frame_file_name(frame), info_.size, 1);
}

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

#include "post/score/truth_folder.hpp"

#include <spdlog/fmt/fmt.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "media/picture.hpp"

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

std::string frame_file(int frame) { return fmt::format("{:06}.png", frame); }

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
    return read_picture(truth_ / video.folder() / frame_file(frame), info_.size, 3);
  return read_picture(folder_ / "rgb_512" / fmt::format("{:04}.png", frame + 1), info_.size, 3);
}

Image TruthFolder::clean(int frame) const { return read_picture(truth_ / "clean" / frame_file(frame), info_.size, 3); }

Image TruthFolder::layer(int object, int frame) const {
  return read_picture(truth_ / "layers" / object_name(object) / frame_file(frame), info_.size, 4);
}

Image TruthFolder::body(int object, int frame) const {
  return read_picture(truth_ / "body" / object_name(object) / frame_file(frame), info_.size, 1);
}

}  // namespace retime

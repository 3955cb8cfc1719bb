#include "synth/truth_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/files.hpp"
#include "synth/truth_writer.hpp"

namespace retime::synth {
namespace {

constexpr double kSeen = 0.95, kHidden = 0.35, kOutside = 0.05;

double rounded(double value) { return std::round(value * 100) / 100; }

double confidence(const cv::Point2d& p, const std::vector<cv::Mat>& in_front, Size size) {
  const int x = static_cast<int>(std::lround(p.x)), y = static_cast<int>(std::lround(p.y));
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return kOutside;
  for (const cv::Mat& body : in_front)
    if (body.at<uchar>(y, x) > 127) return kHidden;
  return kSeen;
}

nlohmann::json person(const SynthScene& scene, int object, int frame, const std::vector<cv::Mat>& in_front) {
  nlohmann::json json{{"idx", object + 1}};
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9, score = 0;
  for (const cv::Point2d& p : scene.keypoints(object, frame)) {
    const double c = confidence(p, in_front, scene.options().full_size());
    for (const double value : {rounded(p.x), rounded(p.y), c}) json["keypoints"].push_back(value);
    left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    score += c / 17;
  }
  const double margin = 0.1 * (bottom - top);
  json["box"] = {rounded(left - margin), rounded(top - margin), rounded(right - left + 2 * margin),
                 rounded(bottom - top + 2 * margin)};
  json["scores"] = rounded(3 * score);
  return json;
}

// As AlphaPose with PoseFlow does.
void write_keypoints(const SynthScene& scene, const std::filesystem::path& path) {
  nlohmann::json json;
  for (int t = 0; t < scene.frames(); ++t) {
    std::vector<cv::Mat> in_front;
    auto order = scene.order(t);
    auto& people = json[frame_name(t)] = nlohmann::json::array();
    for (auto object = order.rbegin(); object != order.rend(); ++object) {
      people.push_back(person(scene, *object, t, in_front));
      in_front.push_back(scene.body(*object, t));
    }
  }
  write_text_file(path, json.dump() + "\n");
}

void write_metadata(const SynthScene& scene, const std::filesystem::path& path) {
  const Size full = scene.options().full_size(), small = scene.options().training_size();
  nlohmann::json json;
  json["alphapose_input_size"] = {full.width, full.height};
  json["size_LR"] = {small.width, small.height};
  json["n_textures"] = 24 * scene.objects() + 1;
  auto& order = json["composite_order"] = nlohmann::json::array();
  for (int t = 0; t < scene.frames(); ++t) {
    auto layers = scene.order(t);
    for (int& layer : layers) ++layer;
    order.push_back(layers);
  }
  auto& people = json["people_layers"] = nlohmann::json::array();
  for (int i = 0; i < scene.objects(); ++i) people.push_back({i + 1});
  write_text_file(path, json.dump() + "\n");
}

void write_truth(const SynthScene& scene, const std::filesystem::path& path) {
  const SynthOptions& o = scene.options();
  const Size full = o.full_size(), small = o.training_size();
  nlohmann::json json{{"format", 1},
                      {"program", "retime synth"},
                      {"kind", o.scene},
                      {"seed", o.seed},
                      {"size", {full.width, full.height}},
                      {"training_size", {small.width, small.height}},
                      {"frames", o.frames},
                      {"fps", {o.fps, 1}},
                      {"noise", o.noise},
                      {"drift", o.drift},
                      {"samples", o.samples},
                      {"moving_camera", scene.moving_camera()},
                      {"description", scene.stage().description}};
  for (int i = 0; i < scene.objects(); ++i) json["objects"].push_back(object_name(i));
  for (int t = 0; t < o.frames; ++t) json["order"].push_back(scene.order(t));
  for (const NamedEdit& edit : scene.stage().edits) json["edits"].push_back(edit.name);
  write_text_file(path, json.dump(1) + "\n");
}

void write_homographies(const SynthScene& scene, const std::filesystem::path& file) {
  const Size small = scene.options().training_size();
  const CameraPath path = scene.camera_path();
  std::string text =
      fmt::format("size: {} {}\nbounds: {:.10g}\n", small.width, small.height, fmt::join(path.bounds, " "));
  for (const auto& h : path.frame_from_plane) text += fmt::format("{:.12g}\n", fmt::join(h, " "));
  write_text_file(file, text);
}

}  // namespace

void write_scene_files(const SynthScene& scene, const std::filesystem::path& folder) {
  write_metadata(scene, folder / "metadata.json");
  write_truth(scene, folder / "truth/truth.json");
  write_keypoints(scene, folder / "keypoints.json");
  if (scene.moving_camera()) write_homographies(scene, folder / "homographies.txt");
}

}  // namespace retime::synth

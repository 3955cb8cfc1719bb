#include "synth/keypoints_json.hpp"

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

}  // namespace

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

}  // namespace retime::synth

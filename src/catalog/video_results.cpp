#include "catalog/video_results.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime::catalog {
namespace {

template <class T>
std::optional<T> value_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<T>();
}

void read_summary(const fs::path& file, VideoResults& results) {
  std::ifstream in(file);
  const json summary = in ? json::parse(in, nullptr, false) : json();
  if (!summary.is_object()) return;
  results.identity_mean = value_of<double>(summary, "identity_mean");
  results.identity_max = value_of<int>(summary, "identity_max");
  results.frames = value_of<int>(summary, "frames");
  if (const auto size = summary.find("size"); size != summary.end() && size->is_string()) results.size = *size;
  for (const auto& object : summary.value("objects", json::array()))
    if (object.is_string()) results.objects.push_back(object);
}

void read_metrics(const fs::path& file, VideoResults& results) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (!entry.is_object()) continue;
    if (const auto loss = value_of<double>(entry, "reconstruction")) results.reconstruction = loss;
  }
}

int rank_of(const std::string& name) {
  if (name == "retimed.mp4") return 0;
  if (name == "reconstruction.mp4") return 1;
  return name == "background.mp4" ? 2 : 3;
}

std::vector<std::string> videos_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    if (entry.path().extension() == ".mp4" && !name.starts_with(".")) names.push_back(name);
  }
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return std::pair(rank_of(a), a) < std::pair(rank_of(b), b); });
  return names;
}

}  // namespace

VideoResults read_results(const fs::path& folder) {
  VideoResults results;
  read_summary(folder / "summary.json", results);
  read_metrics(folder / "run" / "metrics.jsonl", results);
  results.videos = videos_in(folder);
  return results;
}

}  // namespace retime::catalog

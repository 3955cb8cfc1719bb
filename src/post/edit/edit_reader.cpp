#include "post/edit/edit_reader.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/options.hpp"
#include "core/text.hpp"

namespace retime {
namespace {

constexpr double kMostFrames = 1e9;

}  // namespace

double EditReader::time_value(const nlohmann::json& value, const char* key) const {
  const double frames = frames_of(value, key);
  if (std::abs(frames) > kMostFrames) fail(key, "further away than any frame", "give a time near those of the clip");
  return frames;
}

double EditReader::frames_of(const nlohmann::json& value, const char* key) const {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    double seconds = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, seconds);
    if (parsed.ec == std::errc() && parsed.ptr + 1 == end && *parsed.ptr == 's' && std::isfinite(seconds))
      return seconds * context_->rate.value();
  }
  fail(key, "not a time", "write frames as a number (60), or seconds as text (\"2.5s\")");
}

double EditReader::time(const char* key, std::optional<double> otherwise) const {
  if (!has(key) && otherwise) return *otherwise;
  return time_value(required(key), key);
}

int EditReader::frame_count(const char* key) const {
  constexpr double kMost = 1e7;
  const double frames = std::round(time(key));
  if (frames < 1 || frames > kMost) fail(key, "not in 1..10000000 frames", "give the length of the output");
  return static_cast<int>(frames);
}

std::vector<std::pair<double, double>> EditReader::ranges(const char* key) const {
  const char* advice = "write a list of ranges, both ends included: [[0, 40], [60, \"3s\"]]";
  const nlohmann::json& value = required(key);
  if (!value.is_array()) fail(key, "not a list", advice);
  std::vector<std::pair<double, double>> result;
  for (const nlohmann::json& range : value) {
    if (!range.is_array() || range.size() != 2) fail(key, shown(range) + " is not a range", advice);
    result.emplace_back(time_value(range[0], key), time_value(range[1], key));
    if (result.back().second < result.back().first) fail(key, shown(range) + " ends before it begins", advice);
  }
  return result;
}

int EditReader::layer_index(const nlohmann::json& value, const char* key) const {
  const std::vector<std::string>& names = context_->layer_names;
  if (value.is_number_integer()) {
    const auto index = value.get<std::int64_t>();
    if (index >= 0 && index < static_cast<std::int64_t>(names.size())) return static_cast<int>(index);
    fail(key, fmt::format("there is no layer {}", index),
         fmt::format("use 0 (the background) to {}, or a name: {}", static_cast<int>(names.size()) - 1,
                     comma_list(names)));
  }
  if (!value.is_string())
    fail(key, shown(value) + " is neither a name nor an index", "the layers are " + comma_list(names));
  const std::string& name = value.get_ref<const std::string&>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  if (name == "background") return 0;
  fail(key, "there is no layer '" + name + "'", "the layers are " + comma_list(names) + suggestion(name, names));
}

std::vector<int> EditReader::layers(const char* key) const {
  const nlohmann::json& value = required(key);
  std::set<int> found;
  const auto add = [&](const nlohmann::json& one) {
    if (one != "all") found.insert(layer_index(one, key));
    for (int i = 1; one == "all" && i < static_cast<int>(context_->layer_names.size()); ++i) found.insert(i);
  };
  if (!value.is_array()) add(value);
  if (value.is_array() && value.empty()) fail(key, "the list is empty", "name at least one layer, or \"all\"");
  for (const nlohmann::json& one : value.is_array() ? value : nlohmann::json::array()) add(one);
  return {found.begin(), found.end()};
}

}  // namespace retime

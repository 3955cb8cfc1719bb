#include "post/edit/edit_reader.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/options.hpp"

namespace retime {
namespace {

constexpr double kMostFrames = 1e9;

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string shown(const nlohmann::json& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

}  // namespace

EditReader::EditReader(const nlohmann::json& json, EditPlace place, EditReading reading)
    : json_(&json), place_(std::move(place)), reading_(reading) {
  if (!json.is_object())
    throw EditMistake(name() + " is " + shown(json) + " (not an object): write {...} with keys and values", line());
}

int EditReader::line() const {
  const auto found = reading_.lines.find(place_.pointer);
  return found == reading_.lines.end() ? 0 : found->second;
}

int EditReader::line_of(const std::string& key) const {
  const auto found = reading_.lines.find(place_.of(key).pointer);
  return found == reading_.lines.end() ? line() : found->second;
}

void EditReader::fail(const std::string& key, const std::string& problem, const std::string& advice) const {
  const std::string value = json_->contains(key) ? shown((*json_)[key]) : "missing";
  throw EditMistake(place_.of(key).text + " is " + value + " (" + problem + "): " + advice, line_of(key));
}

void EditReader::fail_here(const std::string& problem, const std::string& advice) const {
  throw EditMistake(name() + " cannot be applied (" + problem + "): " + advice, line());
}

void EditReader::check_keys(const std::vector<std::string>& known) const {
  for (const auto& [key, value] : json_->items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw EditMistake("unknown key '" + key + "' in " + name() + suggestion(key, known) + ": use " + join(known),
                        line_of(key));
}

const nlohmann::json& EditReader::required(const char* key) const {
  if (!has(key)) fail(key, "it is needed here", "add it");
  return (*json_)[key];
}

EditReader EditReader::object(const char* key, const std::vector<std::string>& known) const {
  EditReader inner(required(key), place_.of(key), reading_);
  inner.check_keys(known);
  return inner;
}

std::vector<EditReader> EditReader::list(const char* key) const {
  std::vector<EditReader> entries;
  if (!has(key)) return entries;
  const nlohmann::json& array = (*json_)[key];
  if (!array.is_array()) fail(key, "not a list", "write [{...}, {...}]");
  for (std::size_t i = 0; i < array.size(); ++i) entries.emplace_back(array[i], place_.of(key).of(i), reading_);
  return entries;
}

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
      return seconds * reading_.context.rate.value();
  }
  fail(key, "not a time", "write frames as a number (60), or seconds as text (\"2.5s\")");
}

double EditReader::time(const char* key, std::optional<double> otherwise) const {
  if (!has(key) && otherwise) return *otherwise;
  return time_value(required(key), key);
}

double EditReader::number(const char* key, std::optional<double> otherwise) const {
  if (!has(key) && otherwise) return *otherwise;
  const nlohmann::json& value = required(key);
  if (!value.is_number()) fail(key, "not a number", "write a number without quotes");
  return value.get<double>();
}

int EditReader::integer(const char* key, int otherwise) const {
  const double value = number(key, otherwise);
  if (value != std::floor(value) || std::abs(value) > 1e9) fail(key, "not a whole number", "write a whole number");
  return static_cast<int>(value);
}

int EditReader::frame_count(const char* key) const {
  constexpr double kMost = 1e7;
  const double frames = std::round(time(key));
  if (frames < 1 || frames > kMost) fail(key, "not in 1..10000000 frames", "give the length of the output");
  return static_cast<int>(frames);
}

bool EditReader::flag(const char* key, bool otherwise) const {
  if (!has(key)) return otherwise;
  if (!(*json_)[key].is_boolean()) fail(key, "not true or false", "write true or false without quotes");
  return (*json_)[key].get<bool>();
}

std::string EditReader::word(const char* key, const std::vector<std::string>& choices,
                             const std::string& otherwise) const {
  if (!has(key)) return otherwise;
  const nlohmann::json& value = (*json_)[key];
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (std::find(choices.begin(), choices.end(), text) == choices.end())
    fail(key, "not known" + suggestion(text, choices), "use " + join(choices));
  return text;
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
  const std::vector<std::string>& names = reading_.context.layer_names;
  if (value.is_number_integer()) {
    const auto index = value.get<std::int64_t>();
    if (index >= 0 && index < static_cast<std::int64_t>(names.size())) return static_cast<int>(index);
    fail(key, fmt::format("there is no layer {}", index),
         fmt::format("use 0 (the background) to {}, or a name: {}", static_cast<int>(names.size()) - 1, join(names)));
  }
  if (!value.is_string()) fail(key, shown(value) + " is neither a name nor an index", "the layers are " + join(names));
  const std::string& name = value.get_ref<const std::string&>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  if (name == "background") return 0;
  fail(key, "there is no layer '" + name + "'", "the layers are " + join(names) + suggestion(name, names));
}

std::vector<int> EditReader::layers(const char* key) const {
  const nlohmann::json& value = required(key);
  std::set<int> found;
  const auto add = [&](const nlohmann::json& one) {
    if (one != "all") found.insert(layer_index(one, key));
    for (int i = 1; one == "all" && i < static_cast<int>(reading_.context.layer_names.size()); ++i) found.insert(i);
  };
  if (!value.is_array()) add(value);
  if (value.is_array() && value.empty()) fail(key, "the list is empty", "name at least one layer, or \"all\"");
  for (const nlohmann::json& one : value.is_array() ? value : nlohmann::json::array()) add(one);
  return {found.begin(), found.end()};
}

}  // namespace retime

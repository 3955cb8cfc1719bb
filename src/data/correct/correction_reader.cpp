#include "data/correct/correction_reader.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace retime {
namespace {

constexpr std::size_t kLongestName = 100;
constexpr double kFarthest = 1e6;  // pixels

bool is_frame_number(const nlohmann::json& value) {
  return value.is_number_integer() && value.get<double>() >= 0 && value.get<double>() < kLastFrame;
}

}  // namespace

std::string CorrectionReader::name(const char* key) const {
  const std::string name = json_.text(key);
  if (name == "background" || name == "all") fail(key, "edits use this name for something else", "choose another one");
  const bool is_odd = std::any_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == '\\' || c == '\x7f' || static_cast<unsigned char>(c) < ' ';
  });
  if (is_odd || name == "." || name == ".." || name.size() > kLongestName)
    fail(key, "files are named after it", "leave out / and \\, and write 100 bytes at most, not . or ..");
  return name;
}

std::vector<std::string> CorrectionReader::objects(const char* key) const {
  std::vector<std::string> names;
  const auto& list = required(key);
  for (const auto& value : list.is_array() ? list : nlohmann::json::array()) {
    if (!value.is_string()) fail(key, "not a list of names", "write [\"object_1\", \"object_2\"]");
    names.push_back(value.get<std::string>());
    if (std::find(names.begin(), names.end() - 1, names.back()) != names.end() - 1)
      fail(key, "it names '" + names.back() + "' twice", "name it once");
  }
  if (names.size() < 2) fail(key, "not a list of two names or more", "write [\"object_1\", \"object_2\"]");
  return names;
}

FrameSpan CorrectionReader::frames(const char* key) const {
  const auto& value = required(key);
  if (is_frame_number(value)) return {value.get<int>(), value.get<int>()};
  if (!value.is_array() || value.size() != 2 || !is_frame_number(value[0]) || !is_frame_number(value[1]))
    fail(key, "not a frame from 0 on, or two", "write [first, last], both included");
  const FrameSpan span{value[0].get<int>(), value[1].get<int>()};
  if (span.last < span.first) fail(key, "the last frame lies before the first", "write [first, last]");
  return span;
}

std::optional<cv::Point2f> CorrectionReader::point_of(const nlohmann::json& value) const {
  if (!value.is_array() || value.size() != 2) return std::nullopt;
  for (const auto& number : value)
    if (!number.is_number() || std::abs(number.get<double>()) > kFarthest) return std::nullopt;
  return cv::Point2f(value[0].get<float>(), value[1].get<float>());
}

std::optional<cv::Point2f> CorrectionReader::place(const char* key) const {
  const auto& value = required(key);
  if (value.is_null()) return std::nullopt;
  const auto point = point_of(value);
  if (!point) fail(key, "not a place", "write [x, y] in pixels of objects.mp4, or null where it is not known");
  return point;
}

std::vector<cv::Point2f> CorrectionReader::polygon(const char* key) const {
  const auto& value = required(key);
  std::vector<cv::Point2f> points;
  if (!value.is_array()) fail(key, "neither a polygon nor the name of a picture", "write [[x, y], [x, y], [x, y]]");
  for (const auto& entry : value) {
    const auto point = point_of(entry);
    if (!point) fail(key, "one of its places is " + JsonObject::shown(entry), "write [x, y] in pixels of objects.mp4");
    points.push_back(*point);
  }
  if (points.size() < 3) fail(key, "a polygon of " + std::to_string(points.size()) + " places", "give three or more");
  return points;
}

}  // namespace retime

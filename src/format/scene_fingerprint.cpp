#include "format/scene_fingerprint.hpp"

#include <fmt/format.h>

#include <iterator>
#include <sstream>
#include <vector>

#include "core/text.hpp"
#include "format/scene.hpp"

namespace retime {

std::string fingerprint_of_scene(const SceneInfo& info) {
  const auto corrections = info.corrections.empty() ? "" : fmt::format("+{}", stable_hash(info.corrections));
  return fmt::format("{}-{}{}-{}x{}x{}x{}", info.source.fingerprint, stable_hash(info.preparation), corrections,
                     info.frame_count, info.size.width, info.size.height, info.object_count());
}

bool differ_by_corrections(const std::string& before, const std::string& now) {
  const auto uncorrected = [](std::string fingerprint) {
    if (const auto plus = fingerprint.find('+'); plus != std::string::npos)
      fingerprint.erase(plus, fingerprint.find('-', plus) - plus);
    return fingerprint;
  };
  return before != now && uncorrected(before) == uncorrected(now);
}

std::string scene_difference(const std::string& before, const std::string& now) {
  static constexpr const char* kNames[] = {"frames", "width", "height", "objects"};
  const auto sizes = [](const std::string& fingerprint) {
    std::istringstream in(fingerprint.substr(fingerprint.rfind('-') + 1));
    std::vector<std::string> parts;
    for (std::string part; std::getline(in, part, 'x');) parts.push_back(part);
    parts.resize(std::size(kNames), "?");
    return parts;
  };
  const auto old_sizes = sizes(before), new_sizes = sizes(now);
  std::string text;
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (old_sizes[i] != new_sizes[i])
      text += (text.empty() ? "" : ", ") + std::string(kNames[i]) + " " + old_sizes[i] + " -> " + new_sizes[i];
  return text.empty() ? "another clip, or prepared with other masks or options" : text;
}

}  // namespace retime

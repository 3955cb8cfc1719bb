#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "format/scene.hpp"
#include "pose/joints.hpp"

namespace retime {

/// People whose bodies are to be painted, over the pictures of a clip.
struct BodyInput {
  std::vector<std::string> pictures;            ///< names of the files to be written, one for each frame
  std::vector<std::string> people;              ///< names
  std::vector<std::vector<CocoJoints>> joints;  ///< [person][frame], in pixels of `size`
  Size size;
  std::optional<Size> training_size{};  ///< of a scene
};

/// From a scene with joints, or from keypoints in any form that `retime prepare` reads (a JSON file, or a folder of
/// them) of pictures of `size` ("WxH", only with keypoints). Throws Error, UsageError.
BodyInput read_body_input(const std::filesystem::path& path, const std::string& size);

}  // namespace retime

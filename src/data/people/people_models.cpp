#include "data/people/people_models.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

std::vector<fs::path> model_folders() {
  if (const char* folder = std::getenv("RETIME_PEOPLE_MODELS")) return {folder};
  const auto here = fs::read_symlink("/proc/self/exe").parent_path();
  return {here / "../share/retime/people",     // bin, installed
          here / "../../share/retime/people",  // libexec/retime, installed
          here / "../../../.deps/people"};     // build/PRESET/bin
}

}  // namespace

std::optional<PeopleModels> find_people_models() {
  for (const auto& folder : model_folders()) {
    const PeopleModels models = {folder / "person_detection.onnx", folder / "pose_detection.onnx",
                                 folder / "pose_landmarks.onnx"};
    const fs::path* const files[] = {&models.person_detection, &models.pose_detection, &models.pose_landmarks};
    if (std::all_of(std::begin(files), std::end(files), [](const fs::path* file) {
          std::error_code error;  // a folder that cannot be looked into has none
          return fs::is_regular_file(*file, error);
        }))
      return models;
  }
  return std::nullopt;
}

PeopleModels require_people_models() {
  if (auto models = find_people_models()) return *models;
  std::string folders;
  for (const auto& folder : model_folders())
    folders += (folders.empty() ? "" : ", ") + folder.lexically_normal().string();
  throw Error(
      "the networks that find people are missing (person_detection.onnx, pose_detection.onnx and "
      "pose_landmarks.onnx in one of: " +
      folders + "): run tools/setup.sh, or name their folder in the environment variable RETIME_PEOPLE_MODELS");
}

}  // namespace retime

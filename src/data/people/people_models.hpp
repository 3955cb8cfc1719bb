#pragma once

#include <filesystem>
#include <optional>

namespace retime {

/// Files of the networks that find people.
struct PeopleModels {
  std::filesystem::path person_detection;
  std::filesystem::path pose_detection;
  std::filesystem::path pose_landmarks;
};

/// Those of the folder RETIME_PEOPLE_MODELS where that variable is set, else those that were installed with the program
/// or that lie in .deps/people of the clone it was built in; nothing when a file is missing.
std::optional<PeopleModels> find_people_models();

/// The same; throws Error, which says how to get them, when there are none.
PeopleModels require_people_models();

}  // namespace retime

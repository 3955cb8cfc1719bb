#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace retime::catalog {

/// What `retime run` left in a folder, as far as it is there.
struct VideoResults {
  std::optional<double> reconstruction;  ///< loss of the fit's last epoch
  std::optional<double> identity_mean;   ///< difference of the recomposed clip from the clip, in levels of 255
  std::optional<int> identity_max;
  std::optional<int> frames;
  std::vector<std::string> objects;
  std::string size;                 ///< of the layers, "384x216"
  std::vector<std::string> videos;  ///< files of the folder, the retimed one first
};

/// Missing and damaged files leave gaps.
VideoResults read_results(const std::filesystem::path& folder);

}  // namespace retime::catalog

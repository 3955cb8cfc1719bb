#include "data/body/network_file.hpp"

#include <cstdlib>
#include <vector>

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char* kVariable = "RETIME_BODY_NETWORK";

std::vector<fs::path> body_network_places() {
  if (const char* file = std::getenv(kVariable)) return {file};
  const auto here = fs::read_symlink("/proc/self/exe").parent_path();
  return {here / "../share/retime/body_maps.h5",     // bin, installed
          here / "../../share/retime/body_maps.h5",  // libexec/retime, installed
          here / "../../../assets/body_maps.h5"};    // build/PRESET/bin
}

}  // namespace

std::optional<fs::path> find_body_network() {
  for (const auto& file : body_network_places())
    if (fs::is_regular_file(file)) return file.lexically_normal();
  return std::nullopt;
}

std::shared_ptr<BodyNetwork> open_body_network(const std::string& option) {
  if (option == "none") return nullptr;
  if (option != "auto") return std::make_shared<BodyNetwork>(option);
  const auto file = find_body_network();
  return file ? std::make_shared<BodyNetwork>(*file) : nullptr;
}

std::string missing_body_network(const std::string& option) {
  std::string files;
  for (const auto& file : body_network_places())
    files += (files.empty() ? "" : ", ") + file.lexically_normal().string();
  return "no network that tells bodies from joints (none of " + files + "): name one with " + option +
         " or the environment variable " + kVariable;
}

}  // namespace retime

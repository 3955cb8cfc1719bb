#include "data/people/network.hpp"

#include "core/error.hpp"
#include "media/loaded_library.hpp"

namespace retime {

std::unique_ptr<Network> open_network(const std::filesystem::path& file, const std::vector<std::string>& outputs) {
  static const auto& reader = *static_cast<const NetworkReader*>(
      loaded_symbol("libretime_networks.so", "retime_network_reader", "what runs networks"));
  try {
    return reader.read(file.string(), outputs);
  } catch (const cv::Exception& error) {
    throw Error("cannot read the network " + file.string() + " (" + error.err +
                "): remove its folder and run tools/setup.sh again");
  }
}

}  // namespace retime

#include "data/people/network.hpp"

#include "core/error.hpp"
#include "media/loaded_library.hpp"

namespace retime {
namespace {

const NetworkReader& network_reader() {
  static const auto& reader = *static_cast<const NetworkReader*>(
      loaded_symbol("libretime_networks.so", "retime_network_reader", "what runs networks"));
  return reader;
}

}  // namespace

std::unique_ptr<Network> open_network(const std::filesystem::path& file, const std::vector<std::string>& outputs) {
  const auto& reader = network_reader();
  try {
    return reader.read(file.string(), outputs);
  } catch (const cv::Exception& error) {
    throw Error("cannot read the network " + file.string() + " (" + error.err +
                "): remove its folder and run tools/setup.sh again");
  }
}

std::unique_ptr<Network> build_network(const std::vector<NetworkLayer>& layers,
                                       const std::vector<std::string>& outputs) {
  return network_reader().build(layers, outputs);
}

}  // namespace retime

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "data/body/body_network.hpp"

namespace retime {

/// The keypoint-to-UV network that comes with the program: the file RETIME_BODY_NETWORK where that variable is set,
/// else body_maps.h5 where it was installed, or assets/body_maps.h5 of the clone the program was built in. Nothing when
/// there is none.
std::optional<std::filesystem::path> find_body_network();

/// The network that an option asks for: "auto" is the one that comes with the program, "none" none, anything else a
/// file. Nothing where there is none. Throws Error for a file that cannot be read.
std::shared_ptr<BodyNetwork> open_body_network(const std::string& option);

/// What is to be told where there is none; `option` is the one that names a file.
std::string missing_body_network(const std::string& option);

}  // namespace retime

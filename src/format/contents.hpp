#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace retime {

/// What a scene, layers or checkpoint file holds, how far the folder of a fit is, or what is in the folder of a whole
/// run. `kind` says which of these: scene, layers, checkpoint, fit or run. Throws Error for anything else.
nlohmann::ordered_json contents_of(const std::filesystem::path& path);

/// The same for people, some lines.
std::string contents_text(const nlohmann::ordered_json& contents);

}  // namespace retime

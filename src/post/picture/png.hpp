#pragma once

#include <filesystem>

#include "format/image.hpp"

namespace retime {

/// Writes a gray (1 channel), RGB (3) or RGBA (4, straight alpha) picture, complete or not at all.
/// Throws Error naming the file.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace retime

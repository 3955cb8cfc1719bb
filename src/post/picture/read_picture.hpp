#pragma once

#include <filesystem>

#include "format/image.hpp"

namespace retime {

/// Reads an 8-bit gray (1 channel), RGB (3) or RGBA (4, straight alpha) PNG. Throws Error naming the file.
Image read_picture(const std::filesystem::path& path);

/// The same for a picture that must have this size and these channels. Throws Error naming the file and what it is.
Image read_picture(const std::filesystem::path& path, Size size, int channels);

}  // namespace retime

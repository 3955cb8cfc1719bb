#pragma once

#include <filesystem>
#include <string>

#include "format/image.hpp"

namespace retime {

/// The name of a frame's picture in a folder of frames: "000012.png".
std::string frame_file_name(int frame);

/// Writes a gray (1 channel), RGB (3) or RGBA (4, straight alpha) picture as PNG, complete or not at all.
/// Throws Error naming the file.
void write_png(const std::filesystem::path& path, const Image& image);

/// Reads an 8-bit gray (1 channel), RGB (3) or RGBA (4, straight alpha) picture. Throws Error naming the file.
Image read_picture(const std::filesystem::path& path);

/// The same for a picture that must have this size and these channels. Throws Error naming the file and what it is.
Image read_picture(const std::filesystem::path& path, Size size, int channels);

/// `image` scaled to `size` by area averages, which repeats pixels where it grows. RGBA is averaged premultiplied.
Image scale_area(const Image& image, Size size);

}  // namespace retime

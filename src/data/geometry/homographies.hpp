#pragma once

#include <filesystem>

#include "format/scene.hpp"

namespace retime {

/// Reads a homographies.txt of the released tools: "size: W H", "bounds: xmin xmax ymin ymax", then one row-major 3x3
/// per frame that maps the first frame's plane to that frame. The result is scaled to pixels of `size`. Throws Error
/// naming the line; also when there are fewer matrices than `frame_count`.
CameraPath read_homographies(const std::filesystem::path& path, Size size, int frame_count);

}  // namespace retime

#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

#include "format/image.hpp"

namespace retime::synth {

/// Writes a gray, RGB or RGBA picture (CV_8U) as PNG. Throws Error.
void save_picture(const std::filesystem::path& path, const cv::Mat& picture);

/// Reads a picture back as RGB. Throws Error.
Image load_picture(const std::filesystem::path& path);

}  // namespace retime::synth

#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace retime {

/// OpenCV's codecs of pictures; flags and parameters are those of its `imread` and `imwrite`. They lie in a shared
/// object of their own, as the libraries behind them take longer to load than most commands run.
struct PictureCodecs {
  cv::Mat (*read)(const std::string& file, int flags);
  cv::Mat (*decode)(const std::vector<char>& bytes, int flags);
  bool (*encode)(const std::string& extension, const cv::Mat& picture, std::vector<std::uint8_t>& bytes,
                 const std::vector<int>& parameters);
};

/// Loads them where that has not happened yet. Throws Error when they are not installed.
const PictureCodecs& picture_codecs();

}  // namespace retime

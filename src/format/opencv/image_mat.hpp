#pragma once

#include <opencv2/core.hpp>

#include "format/image.hpp"

namespace retime {

/// The pixels of `image` as a matrix, CV_8U with as many channels, which stay in their order (RGB). Nothing is copied:
/// the image must outlive it.
inline cv::Mat mat_view(Image& image) {
  return {image.size.height, image.size.width, CV_8UC(image.channels), image.pixels.data()};
}

/// The same for reading: the matrix must not be written to.
inline cv::Mat mat_view(const Image& image) {
  return {image.size.height, image.size.width, CV_8UC(image.channels), const_cast<std::uint8_t*>(image.pixels.data())};
}

/// A copy of a matrix of 8-bit channels.
inline Image to_image(const cv::Mat& mat) {
  Image image({mat.cols, mat.rows}, mat.channels());
  mat.copyTo(mat_view(image));
  return image;
}

}  // namespace retime

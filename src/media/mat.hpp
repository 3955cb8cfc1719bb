#pragma once

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "format/image.hpp"

namespace retime {

/// `image` as OpenCV sees it: the same pixels, valid as long as they are.
inline cv::Mat as_mat(Image& image) {
  return {image.size.height, image.size.width, CV_8UC(image.channels), image.pixels.data()};
}
/// The same for reading only.
inline cv::Mat as_mat(const Image& image) { return as_mat(const_cast<Image&>(image)); }

/// A copy of an 8-bit picture of OpenCV.
inline Image to_image(const cv::Mat& mat) {
  Image image({mat.cols, mat.rows}, mat.channels());
  mat.copyTo(as_mat(image));
  return image;
}

/// A picture of another size; `interpolation` is one of OpenCV's.
inline cv::Mat resized(const cv::Mat& picture, Size size, int interpolation) {
  cv::Mat result;
  cv::resize(picture, result, {size.width, size.height}, 0, 0, interpolation);
  return result;
}

}  // namespace retime

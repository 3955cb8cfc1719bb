#include "data/follow/snap_edges.hpp"

#include <array>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr float kFlat = 4e-4F;  // variance of colours (0..1) that makes no edge

/// Means over squares.
class BoxMean {
 public:
  explicit BoxMean(int radius) : window_(2 * radius + 1, 2 * radius + 1) {}
  cv::Mat operator()(const cv::Mat& picture) const {
    cv::Mat mean;
    cv::blur(picture, mean, window_, {-1, -1}, cv::BORDER_REFLECT);
    return mean;
  }

 private:
  cv::Size window_;
};

}  // namespace

cv::Mat snapped_to_edges(const cv::Mat& rgb, const cv::Mat& mask, int radius) {
  const BoxMean mean_of(radius);
  cv::Mat guide;
  rgb.convertTo(guide, CV_32F, 1 / 255.0);
  std::array<cv::Mat, 3> colours;
  cv::split(guide, colours.data());
  const cv::Mat mean = mean_of(guide), mask_mean = mean_of(mask);
  std::array<cv::Mat, 3> with_mask;                   // means of products of a colour and the mask
  std::array<std::array<cv::Mat, 3>, 3> with_colour;  // and of two colours
  for (int i = 0; i < 3; ++i) {
    with_mask[i] = mean_of(colours[i].mul(mask));
    for (int k = 0; k <= i; ++k) with_colour[i][k] = with_colour[k][i] = mean_of(colours[i].mul(colours[k]));
  }
  cv::Mat slope(mask.size(), CV_32FC3), offset(mask.size(), CV_32F);
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x) {
      const cv::Vec3f m = mean.at<cv::Vec3f>(y, x);
      const float p = mask_mean.at<float>(y, x);
      cv::Matx33f covariance;
      cv::Vec3f shared;
      for (int i = 0; i < 3; ++i) {
        shared[i] = with_mask[i].at<float>(y, x) - m[i] * p;
        for (int k = 0; k < 3; ++k)
          covariance(i, k) = with_colour[i][k].at<float>(y, x) - m[i] * m[k] + (i == k ? kFlat : 0);
      }
      const cv::Vec3f a = covariance.inv(cv::DECOMP_CHOLESKY) * shared;
      slope.at<cv::Vec3f>(y, x) = a;
      offset.at<float>(y, x) = p - a.dot(m);
    }
  slope = mean_of(slope);
  offset = mean_of(offset);
  cv::Mat weighted, result;
  cv::transform(slope.mul(guide), weighted, cv::Matx13f(1, 1, 1));
  result = cv::max(cv::min(weighted + offset, 1.0), 0.0);
  return result;
}

}  // namespace retime

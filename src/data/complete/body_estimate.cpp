#include "data/complete/body_estimate.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

/// A mask within `area` of the frame: CV_8U.
cv::Mat cut_mask(const BoxMask& mask, const cv::Rect& area) {
  cv::Mat result = cv::Mat::zeros(area.size(), CV_8U);
  const cv::Rect common = mask.box & area;
  if (!common.empty()) mask.crop()(common - mask.box.tl()).copyTo(result(common - area.tl()));
  return result;
}

}  // namespace

double contradiction_of(const BoxMask& body, const PartView& view) {
  const cv::Rect area = body.box | view.visible.box;
  if (area.empty()) return 0;
  const cv::Mat told = cut_mask(body, area), seen = cut_mask(view.visible, area);
  const int missing = cv::countNonZero(seen & ~told);
  const int beyond = cv::countNonZero(told & ~seen & ~view.covered(area));
  return static_cast<double>(missing + beyond) / std::max(1, body.area());
}

cv::Mat depth_inside(const cv::Mat& shape) {
  cv::Mat in, out;
  cv::distanceTransform(shape, in, cv::DIST_L2, cv::DIST_MASK_3);
  cv::distanceTransform(~shape, out, cv::DIST_L2, cv::DIST_MASK_3);
  return in - out;
}

cv::Mat depth_inside(const BoxMask& mask, const cv::Rect& area) {
  cv::Rect wide = area | mask.box;  // and a pixel more: outlines are in it
  wide -= cv::Point(1, 1), wide += cv::Size(2, 2);
  return depth_inside(cut_mask(mask, wide))(area - wide.tl());
}

}  // namespace retime

#include "data/correct/mask_repair.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "media/mat.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

constexpr int kFractionBits = 4;  // of pixels, in polygons

cv::Mat polygon_area(const std::vector<cv::Point2f>& polygon, Size size) {
  std::vector<cv::Point> points;
  for (const auto& p : polygon)
    points.emplace_back(cvRound(p.x * (1 << kFractionBits)), cvRound(p.y * (1 << kFractionBits)));
  cv::Mat area = cv::Mat::zeros(size.height, size.width, CV_8U);
  cv::fillPoly(area, std::vector<std::vector<cv::Point>>{points}, 255, cv::LINE_8, kFractionBits);
  return area;
}

// The strongest channel; where a picture has an alpha of its own, what is clear does not count.
cv::Mat picture_area(const std::filesystem::path& file) {
  const Image picture = read_picture(file);
  std::vector<cv::Mat> channels;
  cv::split(as_mat(picture), channels);
  cv::Mat area = channels.front();
  for (std::size_t c = 1; c < std::min<std::size_t>(channels.size(), 3); ++c) cv::max(area, channels[c], area);
  if (channels.size() == 4) cv::min(area, channels[3], area);
  return area;
}

}  // namespace

BoxMask repaired_area(const RepairMask& repair, Size size) {
  return box_mask_from_full(repair.picture.empty() ? polygon_area(repair.polygon, size) : picture_area(repair.picture));
}

BoxMask mask_without(const BoxMask& a, const BoxMask& b) {
  const cv::Rect shared = a.box & b.box;
  if (shared.empty()) return a;
  cv::Mat crop = a.crop();
  crop(shared - a.box.tl()).setTo(0, b.crop()(shared - b.box.tl()));
  const cv::Rect left = cv::boundingRect(crop);
  return left.empty() ? BoxMask{} : BoxMask(left + a.box.tl(), crop(left));
}

}  // namespace retime

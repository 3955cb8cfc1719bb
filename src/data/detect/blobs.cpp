#include "data/detect/blobs.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr float kPinhole = 0.02F;  // of the blob's area

void close_pinholes(cv::Mat& crop, int area) {
  cv::Mat labels, stats, centres;
  const int n = cv::connectedComponentsWithStats(crop == 0, labels, stats, centres, 4);
  for (int label = 1; label < n; ++label) {
    const int x = stats.at<int>(label, cv::CC_STAT_LEFT), y = stats.at<int>(label, cv::CC_STAT_TOP);
    const int w = stats.at<int>(label, cv::CC_STAT_WIDTH), h = stats.at<int>(label, cv::CC_STAT_HEIGHT);
    const bool at_rim = x == 0 || y == 0 || x + w == crop.cols || y + h == crop.rows;
    const bool small = static_cast<float>(stats.at<int>(label, cv::CC_STAT_AREA)) < kPinhole * static_cast<float>(area);
    if (!at_rim && small) crop.setTo(255, labels == label);
  }
}

constexpr float kBeside = 0.15F;  // of the whole's height
constexpr float kBelow = 0.4F;    // likewise, above or below
constexpr float kInside = 0.7F;   // share of the part's life

}  // namespace

int colour_bin(const cv::Vec3b& rgb) { return (rgb[0] >> 5) * 64 + (rgb[1] >> 5) * 8 + (rgb[2] >> 5); }

cv::Mat colour_histogram(const cv::Mat& frame, const BoxMask& mask) {
  cv::Mat histogram = cv::Mat::zeros(1, 512, CV_32F);
  const cv::Mat region = frame(mask.box), crop = mask.crop();
  for (int y = 0; y < region.rows; ++y) {
    for (int x = 0; x < region.cols; ++x) {
      if (crop.at<uchar>(y, x) != 0) histogram.at<float>(colour_bin(region.at<cv::Vec3b>(y, x))) += 1.F;
    }
  }
  histogram /= std::max(1.0, cv::sum(histogram)[0]);
  return histogram;
}

float histogram_overlap(const cv::Mat& a, const cv::Mat& b) { return static_cast<float>(cv::sum(cv::min(a, b))[0]); }

std::vector<Blob> find_blobs(const cv::Mat& frame, const cv::Mat& mask, int min_area) {
  cv::Mat closed, labels, stats, centres;
  cv::morphologyEx(mask, closed, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5}));
  const int n = cv::connectedComponentsWithStats(closed, labels, stats, centres);
  std::vector<Blob> blobs;
  for (int label = 1; label < n; ++label) {
    if (stats.at<int>(label, cv::CC_STAT_AREA) < min_area) continue;
    const cv::Rect box{stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
                       stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT)};
    cv::Mat crop = labels(box) == label;
    close_pinholes(crop, stats.at<int>(label, cv::CC_STAT_AREA));
    Blob blob;
    blob.mask = {box, crop};
    blob.area = mask_area(blob.mask);
    blob.colours = colour_histogram(frame, blob.mask);
    blobs.push_back(std::move(blob));
  }
  return blobs;
}

int shared_area(const BoxMask& a, const BoxMask& b) {
  const cv::Rect common = a.box & b.box;
  if (common.empty()) return 0;
  return cv::countNonZero(a.crop()(common - a.box.tl()) & b.crop()(common - b.box.tl()));
}

double share_in(const MaskTrack& part, const MaskTrack& whole) {
  double shared = 0, all = 0;
  for (std::size_t t = 0; t < part.frames.size(); ++t) {
    if (part.frames[t].empty() || whole.frames[t].empty()) continue;
    shared += shared_area(part.frames[t], whole.frames[t]);
    all += part.frames[t].area();
  }
  return all == 0 ? 0 : shared / all;
}

float box_gap(const cv::Rect& a, const cv::Rect& b) {
  const int dx = std::max({0, a.x - b.br().x, b.x - a.br().x});
  const int dy = std::max({0, a.y - b.br().y, b.y - a.br().y});
  return std::hypot(static_cast<float>(dx), static_cast<float>(dy));
}

bool adjoins(const cv::Rect& part, const cv::Rect& whole) {
  if (part.empty() || whole.empty()) return false;
  const int dx = cvRound(kBeside * static_cast<float>(whole.height));
  const int dy = cvRound(kBelow * static_cast<float>(whole.height));
  const cv::Rect near = whole + cv::Size(2 * dx, 2 * dy) - cv::Point(dx, dy);
  return 10 * (near & part).area() >= 8 * part.area();
}

bool is_fragment(const SparseMasks& part, const SparseMasks& whole) {
  int together = 0;
  for (const auto& [frame, mask] : part) {
    const auto other = whole.find(frame);
    if (other == whole.end()) continue;
    const float limit = kFragmentShare * static_cast<float>(mask_area(other->second));
    together += adjoins(mask.box, other->second.box) && static_cast<float>(mask_area(mask)) < limit ? 1 : 0;
  }
  return !part.empty() && static_cast<float>(together) >= kInside * static_cast<float>(part.size());
}

void absorb(SparseMasks& part, SparseMasks& whole) {
  for (const auto& [frame, mask] : part) {
    BoxMask& other = whole[frame];
    other = united_mask(other, mask);
  }
  part.clear();
}

}  // namespace retime

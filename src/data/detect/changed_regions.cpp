#include "data/detect/changed_regions.hpp"

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr float kChangedLevels = 10.F;
constexpr float kSmallest = 0.0005F;  // region, as a fraction of the picture
constexpr float kStrongEdge = 150.F;  // edges above this strength (Sobel, levels) count the same
constexpr int kRoom = 8;              // pixels around a region's box

cv::Mat changed_pixels(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat difference, peak;
  cv::absdiff(a, b, difference);
  cv::GaussianBlur(difference, difference, {5, 5}, 1.0);
  std::vector<cv::Mat> channels;
  cv::split(difference, channels);
  cv::max(channels[0], channels[1], peak);
  cv::max(peak, channels[2], peak);
  cv::Mat changed = peak > kChangedLevels;
  cv::morphologyEx(changed, changed, cv::MORPH_OPEN, cv::Mat::ones(3, 3, CV_8U));
  return changed;
}

/// The mask grown (or shrunk, if negative) by some pixels.
cv::Mat grown(const cv::Mat& mask, int by) {
  cv::Mat result;
  const cv::Mat kernel = cv::Mat::ones(2 * std::abs(by) + 1, 2 * std::abs(by) + 1, CV_8U);
  by > 0 ? cv::dilate(mask, result, kernel) : cv::erode(mask, result, kernel);
  return result;
}

/// How much stronger edges are on an outline than beside it, where they are texture.
float excess(const cv::Mat& edges, const cv::Mat& outline, const cv::Mat& beside) {
  return static_cast<float>(std::max(0.0, cv::mean(edges, outline)[0] - cv::mean(edges, beside)[0]));
}

}  // namespace

std::vector<Region> changed_regions(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat labels, stats, centres;
  const int n = cv::connectedComponentsWithStats(changed_pixels(a, b), labels, stats, centres);
  std::vector<Region> regions;
  for (int label = 1; label < n; ++label) {
    const float area = static_cast<float>(stats.at<int>(label, cv::CC_STAT_AREA));
    if (area < kSmallest * static_cast<float>(a.total())) continue;
    const cv::Rect tight(stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
                         stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT));
    const cv::Rect roomy = tight + cv::Size(2 * kRoom, 2 * kRoom) - cv::Point(kRoom, kRoom);
    const cv::Rect box = roomy & cv::Rect(0, 0, a.cols, a.rows);
    regions.push_back({box, labels(box) == label});
  }
  return regions;
}

cv::Mat paint_regions(const std::vector<Region>& regions, cv::Size size, int margin) {
  cv::Mat mask = cv::Mat::zeros(size, CV_8U);
  for (const Region& region : regions) mask(region.box).setTo(255, region.mask);
  return margin == 0 ? mask : grown(mask, margin);
}

cv::Mat edge_strength(const cv::Mat& picture) {
  cv::Mat smooth, dx, dy, x, y, strength;
  cv::GaussianBlur(picture, smooth, {3, 3}, 0.8);
  cv::Sobel(smooth, dx, CV_32F, 1, 0);
  cv::Sobel(smooth, dy, CV_32F, 0, 1);
  cv::Mat peak = cv::Mat::zeros(picture.size(), CV_32F);
  for (int c = 0; c < 3; ++c) {
    cv::extractChannel(dx, x, c);
    cv::extractChannel(dy, y, c);
    cv::magnitude(x, y, strength);
    cv::max(peak, strength, peak);
  }
  return cv::min(peak, kStrongEdge);
}

float outline_owner(const Region& region, const cv::Mat& edges_a, const cv::Mat& edges_b) {
  // Blurring and the low threshold put the region's rim outside the true outline.
  const cv::Mat& mask = region.mask;
  const cv::Mat outline = grown(mask, 1) & ~grown(mask, -4);
  const cv::Mat beside = (grown(mask, 7) & ~grown(mask, 2)) | (grown(mask, -6) & ~grown(mask, -10));
  const float a = excess(edges_a(region.box), outline, beside), b = excess(edges_b(region.box), outline, beside);
  return (a - b) / (a + b + 6.F);
}

}  // namespace retime

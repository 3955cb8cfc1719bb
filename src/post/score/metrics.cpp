#include "post/score/metrics.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <string>

#include "core/error.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

void check_alike(const Image& a, const Image& b) {
  if (a.size == b.size && a.channels == b.channels) return;
  throw Error(
      fmt::format("pictures of {} and {} with {} and {} channels cannot be compared: give both at one size, as RGB",
                  size_text(a.size), size_text(b.size), a.channels, b.channels));
}

// SSIM after Wang et al. 2004: windows of 11 pixels, sigma 1.5.
constexpr int kWindow = 11;
constexpr double kSigma = 1.5;
constexpr double kC1 = 0.01 * 255 * 0.01 * 255;
constexpr double kC2 = 0.03 * 255 * 0.03 * 255;

using Plane = std::vector<float>;

std::array<float, kWindow> gaussian() {
  std::array<float, kWindow> weights{};
  for (int i = 0; i < kWindow; ++i) {
    const double x = i - kWindow / 2;
    weights[static_cast<std::size_t>(i)] = static_cast<float>(std::exp(-x * x / (2 * kSigma * kSigma)));
  }
  const float sum = std::accumulate(weights.begin(), weights.end(), 0.0F);
  for (float& weight : weights) weight /= sum;
  return weights;
}

Plane luma(const Image& rgb) {
  Plane plane(rgb.size.area());
  for (std::size_t i = 0; i < plane.size(); ++i)
    plane[i] = 0.299F * rgb.pixels[3 * i] + 0.587F * rgb.pixels[3 * i + 1] + 0.114F * rgb.pixels[3 * i + 2];
  return plane;
}

Plane times(const Plane& a, const Plane& b) {
  Plane plane(a.size());
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = a[i] * b[i];
  return plane;
}

// Weighted mean of each window that lies inside: [H - 10, W - 10]. By hand: the sums have one order on every machine,
// where OpenCV's filters choose theirs by the processor.
Plane windowed(const Plane& plane, Size size) {
  static const auto weights = gaussian();
  const auto width = static_cast<std::size_t>(size.width), height = static_cast<std::size_t>(size.height);
  const std::size_t columns = width - kWindow + 1, rows = height - kWindow + 1;
  Plane across(columns * height, 0.0F), result(columns * rows, 0.0F);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t k = 0; k < kWindow; ++k)
      for (std::size_t x = 0; x < columns; ++x) across[y * columns + x] += weights[k] * plane[y * width + x + k];
  for (std::size_t y = 0; y < rows; ++y)
    for (std::size_t k = 0; k < kWindow; ++k)
      for (std::size_t x = 0; x < columns; ++x) result[y * columns + x] += weights[k] * across[(y + k) * columns + x];
  return result;
}

}  // namespace

void SquaredError::add(const Image& a, const Image& b, const Image* mask) {
  check_alike(a, b);
  const auto channels = static_cast<std::size_t>(a.channels);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < a.size.area(); ++i) {
    if (mask && mask->pixels[i] == 0) continue;
    for (std::size_t c = channels * i; c < channels * (i + 1); ++c) {
      const int difference = a.pixels[c] - b.pixels[c];
      sum += difference * difference;
    }
    count_ += a.channels;
  }
  sum_ += static_cast<double>(sum);
}

void SquaredError::sum_over(const FrameParts& parts) {
  double values[] = {sum_, static_cast<double>(count_)};
  parts.sum(values);
  sum_ = values[0];
  count_ = static_cast<std::int64_t>(values[1]);
}

std::optional<double> SquaredError::psnr() const {
  if (count_ == 0) return std::nullopt;
  if (sum_ == 0) return kPsnrOfEqual;
  return std::min(kPsnrOfEqual, 10 * std::log10(255.0 * 255.0 * static_cast<double>(count_) / sum_));
}

void LevelDifference::add(int frame, const Image& a, const Image& b) {
  check_alike(a, b);
  int max = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const int difference = std::abs(a.pixels[i] - b.pixels[i]);
    max = std::max(max, difference);
    sum_ += difference;
  }
  count_ += static_cast<std::int64_t>(a.pixels.size());
  if (max <= max_) return;
  max_ = max;
  worst_frame_ = frame;
}

void LevelDifference::sum_over(const FrameParts& parts) {
  // Behind the sums every process has a place for its largest difference and one for that frame.
  std::vector<double> values(2 + 2 * static_cast<std::size_t>(parts.parts));
  values[0] = static_cast<double>(sum_);
  values[1] = static_cast<double>(count_);
  values[2 + 2 * static_cast<std::size_t>(parts.part)] = max_;
  values[3 + 2 * static_cast<std::size_t>(parts.part)] = worst_frame_;
  parts.sum(values);
  sum_ = static_cast<std::int64_t>(values[0]);
  count_ = static_cast<std::int64_t>(values[1]);
  max_ = worst_frame_ = 0;
  for (std::size_t i = 2; i < values.size(); i += 2) {
    if (static_cast<int>(values[i]) <= max_) continue;  // Frames rise from process to process: the first one stays.
    max_ = static_cast<int>(values[i]);
    worst_frame_ = static_cast<int>(values[i + 1]);
  }
}

void Flicker::add(const Image& estimate, const Image* truth) {
  if (truth) check_alike(estimate, *truth);
  const bool first = last_.empty();
  last_.resize(estimate.pixels.size());
  for (std::size_t i = 0; i < estimate.pixels.size(); ++i) {
    const auto error = static_cast<std::int16_t>(estimate.pixels[i] - (truth ? truth->pixels[i] : 0));
    if (!first) sum_ += std::abs(error - last_[i]);
    last_[i] = error;
  }
  if (!first) count_ += static_cast<std::int64_t>(last_.size());
}

void Flicker::start(const Image& estimate, const Image* truth) {
  last_.clear();
  add(estimate, truth);
}

void Flicker::sum_over(const FrameParts& parts) {
  double values[] = {static_cast<double>(sum_), static_cast<double>(count_)};
  parts.sum(values);
  sum_ = static_cast<std::int64_t>(values[0]);
  count_ = static_cast<std::int64_t>(values[1]);
}

std::optional<double> Flicker::value() const {
  if (count_ == 0) return std::nullopt;
  return static_cast<double>(sum_) / static_cast<double>(count_);
}

Image differs(const Image& a, const Image& b, int levels) {
  check_alike(a, b);
  Image mask(a.size, 1);
  const auto channels = static_cast<std::size_t>(a.channels);
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    if (std::abs(a.pixels[i] - b.pixels[i]) > levels) mask.pixels[i / channels] = 255;
  return mask;
}

Image above(const Image& picture, int channel, int limit) {
  Image mask(picture.size, 1);
  const auto channels = static_cast<std::size_t>(picture.channels);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i)
    mask.pixels[i] = picture.pixels[channels * i + static_cast<std::size_t>(channel)] > limit ? 255 : 0;
  return mask;
}

Image dilated(const Image& mask, int radius) {
  Image grown(mask.size, 1);
  cv::Mat out = as_mat(grown);
  const cv::Size square(2 * radius + 1, 2 * radius + 1);
  cv::dilate(as_mat(mask), out, cv::getStructuringElement(cv::MORPH_RECT, square));
  return grown;
}

void unite(Image& mask, const Image& other) {
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) mask.pixels[i] |= other.pixels[i];
}

double ssim(const Image& a, const Image& b) {
  if (a.size != b.size || a.channels != 3 || b.channels != 3 || std::min(a.size.width, a.size.height) < kWindow)
    throw Error("no structural similarity of pictures of " + size_text(a.size) + " and " + size_text(b.size) +
                " (its window is 11x11): give RGB pictures of one size that hold the window");
  const Plane x = luma(a), y = luma(b);
  const Plane mean_x = windowed(x, a.size), mean_y = windowed(y, a.size);
  const Plane xx = windowed(times(x, x), a.size), yy = windowed(times(y, y), a.size);
  const Plane xy = windowed(times(x, y), a.size);
  double sum = 0;
  for (std::size_t i = 0; i < xx.size(); ++i) {
    const double mx = mean_x[i], my = mean_y[i];
    const double vx = xx[i] - mx * mx, vy = yy[i] - my * my, covariance = xy[i] - mx * my;
    sum += (2 * mx * my + kC1) * (2 * covariance + kC2) / ((mx * mx + my * my + kC1) * (vx + vy + kC2));
  }
  return sum / static_cast<double>(xx.size());
}

}  // namespace retime

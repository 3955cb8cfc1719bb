#include "data/geometry/robust_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace retime {
namespace {

constexpr float kTukey = 4.685F;     // 95 % efficiency for Gaussian noise
constexpr float kSettled = 0.02F;    // levels that the fit still moves by
constexpr std::size_t kFewest = 50;  // samples
constexpr int kMostIterations = 12;

float median_of(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Line initial_line(const LineSamples& s) {
  std::vector<float> ratios;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    if (s.x[i] > 16.F) ratios.push_back(s.y[i] / s.x[i]);
  }
  return ratios.empty() ? Line{} : Line{median_of(std::move(ratios)), 0.F};
}

Line weighted_line(const LineSamples& s, const std::vector<float>& residuals) {
  const float sigma = robust_sigma(residuals);
  double sw = 1e-6, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    const double w = tukey_weight(residuals[i], sigma), x = s.x[i], y = s.y[i];
    sw += w, sx += w * x, sy += w * y, sxx += w * x * x, sxy += w * x * y;
  }
  // A weak pull of the offset to zero decides where the background has one brightness only.
  const double n = sw * 1.002, det = n * sxx - sx * sx;
  if (det < 1e-3) return {static_cast<float>(sxy / std::max(sxx, 1e-6)), 0.F};
  return {static_cast<float>((n * sxy - sx * sy) / det), static_cast<float>((sxx * sy - sx * sxy) / det)};
}

}  // namespace

float robust_sigma(const std::vector<float>& residuals) {
  std::vector<float> absolute(residuals.size());
  std::transform(residuals.begin(), residuals.end(), absolute.begin(), [](float r) { return std::abs(r); });
  return std::max(0.7F, 1.4826F * median_of(std::move(absolute)));
}

float tukey_weight(float residual, float sigma) {
  const float u = residual / (kTukey * sigma);
  return std::abs(u) >= 1.F ? 0.F : (1.F - u * u) * (1.F - u * u);
}

Line fit_line(const LineSamples& s) {
  if (s.x.size() < kFewest) return {};
  Line line = initial_line(s);
  std::vector<float> residuals(s.x.size());
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      residuals[i] = s.y[i] - line.gain * s.x[i] - line.offset;
    }
    const Line next = weighted_line(s, residuals);
    const bool settled = std::abs(next.gain - line.gain) * 128.F + std::abs(next.offset - line.offset) < kSettled;
    line = next;
    if (settled) break;
  }
  return line;
}

}  // namespace retime

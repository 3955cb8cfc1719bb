#include "data/matting/matte_alpha.hpp"

#include <algorithm>
#include <cmath>

namespace retime {
namespace {

constexpr float kRoughLevels = 4.F;  // error that a smooth alpha is worth
constexpr float kLeastSpan = 25.F;   // levels between object and backdrop for alpha to be told from colour

}  // namespace

float least_alpha(const cv::Vec3f& f, const cv::Vec3f& b) {
  float alpha = 0.F;
  for (int c = 0; c < 3; ++c) {
    const float room = f[c] < b[c] ? b[c] : 255.F - b[c];
    if (room > 0.F) alpha = std::max(alpha, std::abs(f[c] - b[c]) / room);
  }
  return std::min(alpha, 1.F);
}

float projected_alpha(const cv::Vec3f& f, const cv::Vec3f& object, const cv::Vec3f& b) {
  const cv::Vec3f span = object - b;
  const float length2 = span.dot(span);
  if (length2 < kLeastSpan * kLeastSpan) return -1.F;
  return std::clamp((f - b).dot(span) / length2, 0.F, 1.F);
}

float tolerant_alpha(const cv::Vec3f& f, const cv::Vec3f& b) {
  cv::Vec3f near = f;
  for (int c = 0; c < 3; ++c) {
    const float d = f[c] - b[c];
    near[c] = b[c] + std::copysign(std::max(0.F, std::abs(d) - kRoughLevels), d);
  }
  return least_alpha(near, b);
}

cv::Vec4b premultiplied(const cv::Vec3f& f, const cv::Vec3f& b, float alpha) {
  cv::Vec4b rgba;
  rgba[3] = cv::saturate_cast<uchar>(255.F * alpha);
  const float a = static_cast<float>(rgba[3]) / 255.F;
  for (int c = 0; c < 3; ++c) {
    rgba[c] = std::min(rgba[3], cv::saturate_cast<uchar>(f[c] - (1.F - a) * b[c]));
  }
  return rgba;
}

}  // namespace retime

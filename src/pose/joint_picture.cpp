#include "pose/joint_picture.hpp"

#include <algorithm>
#include <cmath>

namespace retime {
namespace {

constexpr float kSpot = 1.F / 48.F;  // standard deviation of spots and lines, of the picture's side
constexpr float kReach = 3;          // standard deviations that are drawn

float squared_distance(float x, float y, const Joint& a, const Joint& b) {
  const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const float along = length > 0 ? std::clamp(((x - a.x) * dx + (y - a.y) * dy) / length, 0.F, 1.F) : 0.F;
  const float ex = x - a.x - along * dx, ey = y - a.y - along * dy;
  return ex * ex + ey * ey;
}

// A spot is a line from a joint to itself.
void draw_line(const Joint& a, const Joint& b, int size, float* plane) {
  const float brightness = std::min({a.confidence, b.confidence, 1.F});
  if (brightness <= 0) return;
  const float sigma = kSpot * static_cast<float>(size), reach = kReach * sigma;
  const auto from = [&](float low) { return std::clamp(static_cast<int>(std::floor(low - reach)), 0, size); };
  const auto to = [&](float high) { return std::clamp(static_cast<int>(std::ceil(high + reach)) + 1, 0, size); };
  for (int y = from(std::min(a.y, b.y)); y < to(std::max(a.y, b.y)); ++y)
    for (int x = from(std::min(a.x, b.x)); x < to(std::max(a.x, b.x)); ++x) {
      const float squared = squared_distance(static_cast<float>(x), static_cast<float>(y), a, b);
      if (squared > reach * reach) continue;
      float& pixel = plane[static_cast<std::size_t>(y) * static_cast<std::size_t>(size) + static_cast<std::size_t>(x)];
      pixel = std::max(pixel, brightness * std::exp(-squared / (2 * sigma * sigma)));
    }
}

}  // namespace

void draw_joints(const CocoJoints& joints, int size, std::span<float> planes) {
  std::fill(planes.begin(), planes.end(), 0.F);
  const auto area = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  float* plane = planes.data();
  for (const auto& joint : joints) {
    draw_line(joint, joint, size, plane);
    plane += area;
  }
  for (const auto& [from, to] : kCocoLimbs) {
    draw_line(joints[from], joints[to], size, plane);
    plane += area;
  }
}

}  // namespace retime

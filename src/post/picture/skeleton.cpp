#include "post/picture/skeleton.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "media/mat.hpp"

namespace retime {
namespace {

constexpr float kLeastSure = 0.1F;
constexpr float kFaintest = 0.35F;  // of the colour, for what is hardly sure
constexpr int kWidthShare = 240;    // of the picture's width is a line's
constexpr int kShift = 3;           // fractions of pixels that OpenCV draws with: 1 / 2^3

cv::Point position(const Joint& joint) { return {cvRound(joint.x * (1 << kShift)), cvRound(joint.y * (1 << kShift))}; }

cv::Scalar shade(const std::array<std::uint8_t, 3>& color, float confidence) {
  const double share = kFaintest + (1 - kFaintest) * std::clamp(confidence, 0.F, 1.F);
  return {share * color[0], share * color[1], share * color[2]};
}

}  // namespace

void draw_skeleton(Image& rgb, const CocoJoints& joints, const std::array<std::uint8_t, 3>& color) {
  cv::Mat picture = as_mat(rgb);
  const int width = std::max(1, rgb.size.width / kWidthShare);
  for (const auto& [from, to] : kCocoLimbs) {
    const float sure = std::min(joints[from].confidence, joints[to].confidence);
    if (sure < kLeastSure) continue;
    cv::line(picture, position(joints[from]), position(joints[to]), shade(color, sure), width, cv::LINE_AA, kShift);
  }
  for (const auto& joint : joints)
    if (joint.confidence >= kLeastSure)
      cv::circle(picture, position(joint), width << kShift, shade(color, joint.confidence), cv::FILLED, cv::LINE_AA,
                 kShift);
}

}  // namespace retime

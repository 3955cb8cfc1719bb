#include "data/detect/fragments.hpp"

#include "data/detect/blobs.hpp"

namespace retime {
namespace {

constexpr float kBeside = 0.15F;  // of the whole's height
constexpr float kBelow = 0.4F;    // likewise, above or below
constexpr float kInside = 0.7F;   // share of the part's life

}  // namespace

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

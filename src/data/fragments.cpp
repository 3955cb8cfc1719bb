#include "data/fragments.hpp"

#include "data/blobs.hpp"

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

bool is_fragment(const std::vector<BoxMask>& part, const std::vector<BoxMask>& whole) {
  int together = 0, seen = 0;
  for (std::size_t t = 0; t < part.size() && t < whole.size(); ++t) {
    if (part[t].empty()) continue;
    ++seen;
    const float limit = kFragmentShare * static_cast<float>(mask_area(whole[t]));
    together += adjoins(part[t].box, whole[t].box) && static_cast<float>(mask_area(part[t])) < limit ? 1 : 0;
  }
  return seen > 0 && static_cast<float>(together) >= kInside * static_cast<float>(seen);
}

void absorb(std::vector<BoxMask>& part, std::vector<BoxMask>& whole) {
  for (std::size_t t = 0; t < part.size() && t < whole.size(); ++t) {
    whole[t] = unite(whole[t], part[t]);
    part[t] = {};
  }
}

}  // namespace retime

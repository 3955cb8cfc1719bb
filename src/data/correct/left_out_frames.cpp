#include "data/correct/left_out_frames.hpp"

#include <algorithm>

#include "data/complete/placement.hpp"

namespace retime {
namespace {

BodyPlacement between(const BodyPlacement& a, const BodyPlacement& b, double share) {
  const auto mix = [&](double from, double to) { return from + share * (to - from); };
  return {mix(a.x, b.x), mix(a.y, b.y), mix(a.height, b.height)};
}

BoxMask moved(const BoxMask& mask, const BodyPlacement& to, Size size) {
  return box_mask_from_full(
      carried(mask.crop(), mask.box.tl(), placement_of(mask), to, cv::Rect(0, 0, size.width, size.height)));
}

}  // namespace

void fill_left_out(const std::vector<bool>& left_out, Size size, std::vector<BoxMask>& masks,
                   std::vector<int>& origin) {
  const std::size_t count = masks.size();
  for (std::size_t t = 0; t < count; ++t) {
    if (!left_out[t]) continue;
    std::size_t end = t;
    while (end < count && left_out[end]) ++end;
    const bool goes_on = t > 0 && end < count && !masks[t - 1].empty() && !masks[end].empty();
    const std::size_t before = t - 1;
    // At the clip's ends somebody stays as the next frame has him.
    const BoxMask at_end = t == 0 && end < count ? masks[end] : t > 0 && end == count ? masks[before] : BoxMask{};
    for (; t < end; ++t) {
      masks[t] = at_end;
      origin[t] = -1;
      if (!goes_on) continue;
      const double share = static_cast<double>(t - before) / static_cast<double>(end - before);
      const auto place = between(placement_of(masks[before]), placement_of(masks[end]), share);
      masks[t] = moved(masks[share <= 0.5 ? before : end], place, size);
    }
  }
}

}  // namespace retime

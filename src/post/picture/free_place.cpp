#include "post/picture/free_place.hpp"

#include <algorithm>
#include <cstdlib>

namespace retime {

cv::Rect free_place(const cv::Rect& wanted, const std::vector<cv::Rect>& taken, cv::Size picture) {
  const auto is_free = [&](const cv::Rect& place) {
    return place.y >= 0 && place.br().y <= picture.height &&
           std::none_of(taken.begin(), taken.end(), [&](const cv::Rect& other) { return !(place & other).empty(); });
  };
  if (is_free(wanted)) return wanted;
  cv::Rect best = wanted;
  int least = picture.height;
  for (const cv::Rect& other : taken)
    for (const int y : {other.y - wanted.height, other.br().y}) {
      const cv::Rect place(wanted.x, y, wanted.width, wanted.height);
      if (std::abs(y - wanted.y) >= least || !is_free(place)) continue;
      best = place;
      least = std::abs(y - wanted.y);
    }
  return best;
}

}  // namespace retime

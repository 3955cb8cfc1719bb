#include "data/people/overlaps.hpp"

#include <algorithm>
#include <numeric>

namespace retime {

float box_iou(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float shared = (a & b).area();
  const float all = a.area() + b.area() - shared;
  return all > 0 ? shared / all : 0;
}

std::vector<int> non_maximum_suppression(const std::vector<cv::Rect2f>& boxes, const std::vector<float>& scores,
                                         float most_iou) {
  std::vector<int> order(boxes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return scores[a] > scores[b]; });
  std::vector<int> kept;
  for (const int index : order)
    if (std::none_of(kept.begin(), kept.end(),
                     [&](int other) { return box_iou(boxes[index], boxes[other]) > most_iou; }))
      kept.push_back(index);
  return kept;
}

}  // namespace retime

#include "post/compose/shown_layers.hpp"

#include <algorithm>
#include <numeric>

namespace retime {
namespace {

/// Place of `layer` in a back-to-front order, -1 when it is not there.
int rank(const std::vector<int>& order, int layer) {
  const auto found = std::find(order.begin(), order.end(), layer);
  return found == order.end() ? -1 : static_cast<int>(found - order.begin());
}

/// -1: `a` is behind `b` in that frame, +1: in front, 0: the frame does not tell.
int depth_in(const std::vector<int>& order, int a, int b) {
  const int rank_a = rank(order, a);
  const int rank_b = rank(order, b);
  if (rank_a < 0 || rank_b < 0 || rank_a == rank_b) return 0;
  return rank_a < rank_b ? -1 : 1;
}

/// How strongly a pair's order is known: from the clip, or only guessed.
constexpr int kAgreed = 1000;
constexpr int kGuessed = 1;

/// Negative: `a` belongs behind `b`. The magnitude is kAgreed or kGuessed.
int pair_order(const OrderedInstance& a, const OrderedInstance& b, bool a_listed_first) {
  const int at_a = depth_in(a.order, a.layer, b.layer);
  const int at_b = depth_in(b.order, a.layer, b.layer);
  if (at_a != 0 && (at_b == at_a || at_b == 0)) return at_a * kAgreed;
  if (at_a == 0 && at_b != 0) return at_b * kAgreed;
  if (a.ground_contact && b.ground_contact && *a.ground_contact != *b.ground_contact)
    return *a.ground_contact < *b.ground_contact ? -kGuessed : kGuessed;
  const int rank_a = rank(a.order, a.layer);
  const int rank_b = rank(b.order, b.layer);
  if (rank_a != rank_b) return rank_a < rank_b ? -kGuessed : kGuessed;
  return a_listed_first ? kGuessed : -kGuessed;
}

}  // namespace

std::vector<int> back_to_front(std::span<const OrderedInstance> instances) {
  const std::size_t count = instances.size();
  // wrong[i]: what would be laid wrongly over others if i were the rearmost of those left; part[i][j]: the share of j.
  std::vector<std::vector<int>> part(count, std::vector<int>(count, 0));
  std::vector<long> wrong(count, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) {
      if (i != j) part[i][j] = std::max(0, pair_order(instances[i], instances[j], i < j));
      wrong[i] += part[i][j];
    }
  std::vector<int> left(count);
  std::iota(left.begin(), left.end(), 0);
  std::vector<int> result;
  while (!left.empty()) {
    const auto rearmost = std::min_element(left.begin(), left.end(), [&](int a, int b) { return wrong[a] < wrong[b]; });
    const int chosen = *rearmost;
    left.erase(rearmost);
    for (const int other : left) wrong[other] -= part[other][chosen];
    result.push_back(chosen);
  }
  return result;
}

std::vector<ShownLayer> shown_at(int t, const std::vector<LayerInstance>& instances, LayerDepths& depths) {
  std::vector<ShownLayer> background;
  std::vector<ShownLayer> objects;
  for (const LayerInstance& instance : instances) {
    const auto position = instance.time(t);
    if (!position || instance.opacity <= 0) continue;
    (instance.layer == 0 ? background : objects).push_back({instance.layer, *position, instance.opacity});
  }
  std::vector<OrderedInstance> ordered;
  for (const ShownLayer& shown : objects)
    ordered.push_back(
        {shown.layer, depths.order(shown.nearest_frame()), depths.ground_contact(shown.nearest_frame(), shown.layer)});
  std::vector<ShownLayer> sorted(background.rbegin(), background.rend());
  for (const int i : back_to_front(ordered)) sorted.push_back(objects[static_cast<std::size_t>(i)]);
  return sorted;
}

}  // namespace retime

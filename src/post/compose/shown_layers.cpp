#include "post/compose/shown_layers.hpp"

#include "post/compose/layer_order.hpp"

namespace retime {

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

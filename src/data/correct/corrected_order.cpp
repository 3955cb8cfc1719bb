#include "data/correct/corrected_order.hpp"

#include <algorithm>

namespace retime {
namespace {

int layer_of(int track, const ObjectGroups& layers) {
  for (std::size_t layer = 0; layer < layers.size(); ++layer)
    if (std::find(layers[layer].begin(), layers[layer].end(), track) != layers[layer].end())
      return static_cast<int>(layer);
  return -1;
}

/// The layers that a correction names, back to front, each once.
std::vector<int> named_layers(const CorrectedOrder& correction, const ObjectGroups& layers) {
  std::vector<int> named;
  for (const auto& tracks : correction.objects) {
    const int layer = layer_of(tracks.front(), layers);
    if (std::find(named.begin(), named.end(), layer) == named.end()) named.push_back(layer);
  }
  return named;
}

void put_in_order(const std::vector<int>& named, std::vector<int>& order) {
  std::size_t next = 0;
  for (int& layer : order)
    if (std::find(named.begin(), named.end(), layer) != named.end()) layer = named[next++];
}

}  // namespace

std::vector<KnownDepth> known_depths(const CorrectedTracks& corrected) {
  std::vector<KnownDepth> known;
  for (const auto& [objects, frames] : corrected.orders)
    for (std::size_t back = 0; back < objects.size(); ++back)
      for (std::size_t front = back + 1; front < objects.size(); ++front)
        for (const int behind : objects[back])
          for (const int before : objects[front]) known.push_back({behind, before, frames.first, frames.last});
  return known;
}

void correct_order(const CorrectedTracks& corrected, const ObjectGroups& layers, std::vector<std::vector<int>>& order) {
  for (const auto& correction : corrected.orders) {
    const auto named = named_layers(correction, layers);
    for (int t = correction.frames.first; t <= correction.frames.last; ++t)
      put_in_order(named, order[static_cast<std::size_t>(t)]);
  }
}

}  // namespace retime

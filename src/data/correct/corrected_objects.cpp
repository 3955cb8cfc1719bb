#include "data/correct/corrected_objects.hpp"

#include <algorithm>

namespace retime {

CorrectedObjects::CorrectedObjects(std::unique_ptr<ObjectSource> found, const CorrectedTracks& corrected,
                                   const SceneSizes& sizes)
    : found_(std::move(found)), origin_(corrected.origin), masks_(corrected.tracks, sizes) {}

ObjectMaps CorrectedObjects::maps(int object, int frame) const {
  ObjectMaps maps = masks_.maps(object, frame);
  const int origin = origin_.at(static_cast<std::size_t>(object)).at(static_cast<std::size_t>(frame));
  const auto at = static_cast<std::size_t>(frame);
  const auto& mask = tracks()[static_cast<std::size_t>(object)].frames[at];
  if (origin >= 0 && found_->tracks()[static_cast<std::size_t>(origin)].frames[at].area() == mask.area())
    maps.trimap = found_->maps(origin, frame).trimap;
  return maps;
}

LayerGroups corrected_groups(const CorrectedTracks& corrected) {
  LayerGroups layers;
  if (corrected.groups.empty()) return layers;
  const int count = static_cast<int>(corrected.tracks.size());
  for (int i = 0; i < count; ++i) {
    const auto group = std::find_if(corrected.groups.begin(), corrected.groups.end(), [&](const auto& candidate) {
      return std::find(candidate.objects.begin(), candidate.objects.end(), i) != candidate.objects.end();
    });
    if (group == corrected.groups.end()) {
      layers.members.push_back({i});
      layers.names.push_back(corrected.tracks[static_cast<std::size_t>(i)].name);
    } else if (group->objects.front() == i) {
      layers.members.push_back(group->objects);
      layers.names.push_back(group->name);
    }
  }
  return layers;
}

}  // namespace retime

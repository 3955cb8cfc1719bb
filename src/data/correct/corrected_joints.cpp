#include "data/correct/corrected_joints.hpp"

#include <algorithm>

namespace retime {

std::vector<KeypointTrack> cut_at_splits(const CorrectedTracks& corrected, std::vector<KeypointTrack> people) {
  for (const int at : corrected.cuts)
    for (std::size_t k = 0, count = people.size(); k < count; ++k) {
      if (at <= people[k].first_frame || at >= people[k].end_frame()) continue;
      auto& frames = people[k].frames;
      const auto cut = frames.begin() + (at - people[k].first_frame);
      KeypointTrack rest{at, {cut, frames.end()}};
      frames.erase(cut, frames.end());
      people.push_back(std::move(rest));
    }
  return people;
}

void correct_joints(const CorrectedTracks& corrected, const ObjectGroups& layers, ObjectJoints& joints) {
  for (auto& frames : joints)
    for (std::size_t t = 0; t < frames.size(); ++t)
      if (corrected.left_out[t]) frames[t] = {};
  for (const auto& [object, fix] : corrected.joints)
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      if (std::find(layers[layer].begin(), layers[layer].end(), object) == layers[layer].end()) continue;
      for (const auto& [joint, place] : fix.joints)
        joints[layer][static_cast<std::size_t>(fix.frame)][joint] = place ? Joint{place->x, place->y, 1.F} : Joint{};
    }
}

}  // namespace retime

#include "model/scene/occlusion.hpp"

namespace retime {
namespace {

// For each slot, another slot of the same frame, or itself when it is alone.
std::vector<std::int64_t> partners(const std::vector<Occluder>& occluders, const std::vector<std::int64_t>& frames) {
  std::vector<std::int64_t> result;
  for (std::size_t s = 0; s < frames.size(); ++s) {
    std::vector<std::int64_t> others;
    for (std::size_t k = 0; k < frames.size(); ++k)
      if (k != s && frames[k] == frames[s]) others.push_back(static_cast<std::int64_t>(k));
    result.push_back(others.empty() ? static_cast<std::int64_t>(s) : others[occluders[s].choice % others.size()]);
  }
  return result;
}

}  // namespace

torch::Tensor placement_rows(const std::vector<Placement>& placements) {
  std::vector<float> numbers;
  for (const auto& placement : placements)
    for (const double value : {placement.scale, placement.x, placement.y}) numbers.push_back(static_cast<float>(value));
  return torch::tensor(numbers).view({-1, 3});
}

Occlusion occlusion_of(const std::vector<Occluder>& occluders, const std::vector<std::int64_t>& slot_frames) {
  const auto partner = partners(occluders, slot_frames);
  std::vector<float> hides, contests;
  std::vector<Placement> silhouettes, others;
  for (std::size_t s = 0; s < occluders.size(); ++s) {
    hides.push_back(occluders[s].hides ? 1.F : 0.F);
    contests.push_back(occluders[s].contests && partner[s] != static_cast<std::int64_t>(s) ? 1.F : 0.F);
    silhouettes.push_back(occluders[s].silhouette);
    others.push_back(occluders[s].other);
  }
  return {torch::tensor(hides).view({-1, 1, 1, 1}), placement_rows(silhouettes),
          torch::tensor(contests).view({-1, 1, 1, 1}), placement_rows(others), torch::tensor(partner)};
}

}  // namespace retime

#include "model/scene/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <numeric>

namespace retime {
namespace {

constexpr std::uint64_t kShuffle = 1, kAugment = 2, kOcclude = 7;  // purposes of random numbers

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// First element of part `part` when `total` elements are cut into `parts` parts as evenly as can be.
int cut(int total, int part, int parts) { return static_cast<int>(static_cast<std::int64_t>(total) * part / parts); }

// The same for elements that may be fewer than the parts: the first part gets one.
int cut_up(int total, int part, int parts) { return total - cut(total, parts - part, parts); }

constexpr double kLeastScale = 0.7, kMostScale = 1.4;
constexpr double kOverhang = 0.35;  // of the box: effects lie beside the body and want hiding too
constexpr double kOtherScale = 0.15, kOtherOverhang = 0.7;

Placement random_placement(KeyedRandom& random, double least, double most, double overhang) {
  Placement result;
  result.scale = least + (most - least) * random.uniform();
  result.x = -overhang + (1 + 2 * overhang) * random.uniform();
  result.y = -overhang + (1 + 2 * overhang) * random.uniform();
  return result;
}

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

KeyedRandom::KeyedRandom(std::uint64_t seed, std::uint64_t epoch, std::uint64_t item, std::uint64_t purpose)
    : state_(mix(mix(mix(mix(seed + 0x9e3779b97f4a7c15ULL) + epoch) + item) + purpose)) {}

std::uint64_t KeyedRandom::next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }

double KeyedRandom::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double KeyedRandom::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

BatchSampler::BatchSampler(int frame_count, int global_batch, std::uint64_t seed)
    : frame_count_(frame_count), strata_(std::clamp(global_batch, 1, frame_count)), steps_(0), seed_(seed) {
  for (int s = 0; s < strata_; ++s) {
    const auto [first, last] = stratum_range(s);
    steps_ = std::max(steps_, last - first);
  }
}

std::pair<int, int> BatchSampler::stratum_range(int stratum) const {
  return {cut(frame_count_, stratum, strata_), cut(frame_count_, stratum + 1, strata_)};
}

std::pair<int, int> BatchSampler::strata_of(int rank, int world_size) const {
  return {cut_up(strata_, rank, world_size), cut_up(strata_, rank + 1, world_size)};
}

int BatchSampler::places_per_rank(int world_size) const { return (strata_ + world_size - 1) / world_size; }

std::pair<int, int> BatchSampler::frames_of(int rank, int world_size) const {
  const auto [first, last] = strata_of(rank, world_size);
  return {cut(frame_count_, first, strata_), cut(frame_count_, last, strata_)};
}

std::vector<std::vector<int>> BatchSampler::epoch(int epoch, int rank, int world_size) const {
  const auto places = static_cast<std::size_t>(places_per_rank(world_size));
  std::vector<std::vector<int>> frames(static_cast<std::size_t>(steps_), std::vector<int>(places, -1));
  const auto [first_stratum, last_stratum] = strata_of(rank, world_size);
  for (int s = first_stratum; s < last_stratum; ++s) {
    const auto [first, last] = stratum_range(s);
    std::vector<int> shuffled(static_cast<std::size_t>(last - first));
    std::iota(shuffled.begin(), shuffled.end(), first);
    KeyedRandom random(seed_, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(s), kShuffle);
    for (std::size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[random.next() % i]);
    for (std::size_t i = 0; i < shuffled.size(); ++i)
      frames[i][static_cast<std::size_t>(s - first_stratum)] = shuffled[i];
  }
  return frames;
}

std::vector<int> BatchSampler::coming_frames(int epoch, int step, int rank, int world_size) const {
  std::vector<int> coming;
  for (const int e : {epoch, epoch + 1}) {
    const auto steps = this->epoch(e, rank, world_size);
    for (auto frames = steps.begin() + (e == epoch ? step : 0); frames != steps.end(); ++frames)
      std::copy_if(frames->begin(), frames->end(), std::back_inserter(coming), [](int frame) { return frame >= 0; });
  }
  return coming;
}

Augmentation augmentation_of(const AugmentationOptions& options, std::uint64_t seed, int epoch, int frame) {
  KeyedRandom random(seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(frame), kAugment);
  Augmentation result;
  if (random.uniform() < options.probability) {
    result.scale = 1 + (options.max_scale - 1) * random.uniform();
    const double room = 1 - 1 / result.scale;
    result.center_x = room * (2 * random.uniform() - 1);
    result.center_y = room * (2 * random.uniform() - 1);
  }
  if (epoch < options.brightness_epochs) result.brightness = options.brightness_sigma * random.normal();
  result.occlusion_probability = options.occlusion_probability;
  result.occlusion_key = random.next();
  return result;
}

Occluder occluder_of(double probability, std::uint64_t key, std::int64_t object) {
  KeyedRandom random(key, static_cast<std::uint64_t>(object), 0, kOcclude);
  Occluder result;
  result.hides = random.uniform() < probability;
  result.contests = random.uniform() < probability;
  result.silhouette = random_placement(random, kLeastScale, kMostScale, kOverhang);
  result.other = random_placement(random, 1 - kOtherScale, 1 + kOtherScale, kOtherOverhang);
  // Feet stand on the ground: two that cross are at about the same height.
  result.other.y = 0.5 + (result.other.y - 0.5) * 0.4;
  result.choice = random.next();
  return result;
}

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

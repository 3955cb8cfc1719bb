#include "stages/compute/uv_pairs.hpp"

#include <memory>

#include "data/body/body_pairs.hpp"
#include "synth/draw/noise.hpp"

namespace retime {
namespace {

constexpr double kMostShift = 0.06, kMostScale = 1.15;  // of the square that a training sees
constexpr int kTries = 20;

std::uint64_t number_of(const UvConfig& config, int epoch, int index) {
  return static_cast<std::uint64_t>(epoch) * static_cast<std::uint64_t>(config.pairs) +
         static_cast<std::uint64_t>(index);
}

// With noise, where enough joints are left.
CocoJoints noisy(const BodyPairs::Pair& pair, const synth::JointNoise& noise, synth::Random& random) {
  for (int i = 0; i < kTries; ++i) {
    const auto joints = synth::noisy_joints(pair.joints, pair.height, noise, random);
    if (crop_around(joints)) return joints;
  }
  return pair.joints;
}

UvPair real_pair(const BodyPairs::Pair& pair, int size, const synth::JointNoise& noise, synth::Random& random) {
  const auto joints = noisy(pair, noise, random);
  auto crop = *crop_around(joints);
  const double scale = random.between(1 / kMostScale, kMostScale), grown = crop.side * scale;
  crop.left += (crop.side - grown) / 2 + random.between(-kMostShift, kMostShift) * crop.side;
  crop.top += (crop.side - grown) / 2 + random.between(-kMostShift, kMostShift) * crop.side;
  crop.side = grown;
  return {joints_in_crop(joints, crop, size), cropped_iuv(pair.iuv, crop, size)};
}

}  // namespace

UvPairSource drawn_bodies(std::uint64_t seed, const UvConfig& config, const synth::JointNoise& noise) {
  return [=](int epoch, int index) {
    auto pair = synth::draw_body_pair(seed, number_of(config, epoch, index), config.size, noise);
    return UvPair{pair.joints, std::move(pair.iuv)};
  };
}

UvPairSource real_bodies(const std::filesystem::path& folder, std::uint64_t seed, const UvConfig& config,
                         const synth::JointNoise& noise) {
  const auto pairs = std::make_shared<const BodyPairs>(folder);
  return [=](int epoch, int index) {
    synth::Random random(synth::mix_bits(seed) ^ synth::mix_bits(number_of(config, epoch, index)));
    return real_pair(pairs->at(random.below(pairs->count())), config.size, noise, random);
  };
}

}  // namespace retime

#include "synth/figure/outfit.hpp"

#include <gtest/gtest.h>

#include "synth/draw/noise.hpp"

namespace retime::synth {
namespace {

constexpr int kLimbs = static_cast<int>(Limb::kDroplet) + 1;
constexpr Loose kLoose[] = {Loose::kNone, Loose::kSkirt, Loose::kCoat, Loose::kScarf};

Outfit outfit_of(std::uint64_t seed, int index, Loose loose = Loose::kNone) {
  Random random(seed);
  return make_outfit(random, index, loose);
}

Vec3 mean_color(const Outfit& outfit, Limb limb) {
  Vec3 sum;
  for (int i = 0; i < 400; ++i) sum += surface_color(outfit, limb, (i % 20 + 0.5) / 20, (i / 20 + 0.5) / 20);
  return sum * (1.0 / 400);
}

TEST(Outfit, ColoursAreThoseOfSurfaces) {
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    for (const Loose loose : kLoose) {
      const Outfit outfit = outfit_of(seed, static_cast<int>(seed % 3), loose);
      for (int limb = 0; limb < kLimbs; ++limb)
        for (int i = 0; i < 100; ++i) {
          const Vec3 color = surface_color(outfit, static_cast<Limb>(limb), i % 10 / 10.0, i / 10 / 10.0);
          ASSERT_GE(std::min({color.x, color.y, color.z}), 0) << "limb " << limb << ", seed " << seed;
          ASSERT_LE(std::max({color.x, color.y, color.z}), 1.2) << "limb " << limb << ", seed " << seed;
        }
    }
}

TEST(Outfit, TheSameSeedGivesTheSameClothes) {
  const Outfit a = outfit_of(4, 1, Loose::kCoat), b = outfit_of(4, 1, Loose::kCoat);
  for (int limb = 0; limb < kLimbs; ++limb)
    EXPECT_EQ(norm(mean_color(a, static_cast<Limb>(limb)) - mean_color(b, static_cast<Limb>(limb))), 0) << limb;
  EXPECT_EQ(a.cloth_length, b.cloth_length);
  EXPECT_EQ(a.loose, Loose::kCoat);
  EXPECT_GT(norm(mean_color(a, Limb::kTorso) - mean_color(outfit_of(5, 1), Limb::kTorso)), 0);
}

TEST(Outfit, PeopleOfOneSceneDifferInColour) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Random random(seed);
    const Outfit first = make_outfit(random, 0, Loose::kNone), second = make_outfit(random, 1, Loose::kNone);
    EXPECT_GT(norm(mean_color(first, Limb::kTorso) - mean_color(second, Limb::kTorso)), 0.03) << "seed " << seed;
  }
}

}  // namespace
}  // namespace retime::synth

#include "synth/draw/material.hpp"

#include <gtest/gtest.h>

namespace retime::synth {
namespace {

constexpr int kPatterns = static_cast<int>(Pattern::kLeaves) + 1;

Material material_of(int pattern, std::uint64_t seed) {
  Material material;
  material.pattern = static_cast<Pattern>(pattern);
  material.scale = 0.4;
  material.seed = seed;
  return material;
}

bool same(Vec3 a, Vec3 b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

TEST(Material, NothingReflectsMoreLightThanArrives) {
  for (int pattern = 0; pattern < kPatterns; ++pattern)
    for (double u = -1.3; u < 2; u += 0.11)
      for (double v = 0; v < 2.5; v += 0.13) {
        const Vec3 color = albedo(material_of(pattern, 5), u, v);
        for (const double level : {color.x, color.y, color.z}) {
          ASSERT_GE(level, 0) << "pattern " << pattern << " at " << u << ", " << v;
          ASSERT_LE(level, 1) << "pattern " << pattern << " at " << u << ", " << v;
        }
      }
}

TEST(Material, TheSeedDecidesWhatItLooksLike) {
  for (int pattern = 0; pattern < kPatterns; ++pattern) {
    int different = 0;
    for (double u = 0.01; u < 3; u += 0.07)
      for (double v = 0.03; v < 1; v += 0.15) {
        const Vec3 color = albedo(material_of(pattern, 5), u, v);
        EXPECT_TRUE(same(color, albedo(material_of(pattern, 5), u, v))) << "pattern " << pattern;
        different += !same(color, albedo(material_of(pattern, 6), u, v));
      }
    if (static_cast<Pattern>(pattern) != Pattern::kPlain) {
      EXPECT_GT(different, 0) << "pattern " << pattern;
    }
  }
}

TEST(Material, OnlyLeavesHaveHoles) {
  for (int pattern = 0; pattern < kPatterns; ++pattern) {
    int holes = 0, points = 0;
    for (double u = 0; u < 2; u += 0.05)
      for (double v = 0; v < 2; v += 0.05, ++points) holes += is_hole(material_of(pattern, 5), u, v);
    if (static_cast<Pattern>(pattern) == Pattern::kLeaves) {
      EXPECT_GT(holes, 0);
      EXPECT_LT(holes, points);
    } else {
      EXPECT_EQ(holes, 0) << "pattern " << pattern;
    }
  }
}

}  // namespace
}  // namespace retime::synth

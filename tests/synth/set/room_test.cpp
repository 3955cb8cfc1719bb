#include "synth/set/room.hpp"

#include <gtest/gtest.h>

namespace retime::synth {
namespace {

constexpr Decor kDecors[] = {Decor::kHome, Decor::kHall, Decor::kPlaza, Decor::kStudio, Decor::kPool};

Room room_of(Decor decor, std::uint64_t seed) {
  Random random(seed);
  return make_room(decor, random);
}

TEST(Room, TheFloorComesFirstAndPanelsAreRectangles) {
  for (const Decor decor : kDecors)
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const Room room = room_of(decor, seed);
      ASSERT_FALSE(room.panels.empty());
      EXPECT_EQ(room.panels.front().corner.y, 0);
      EXPECT_NEAR(room.panels.front().normal().y, 1, 1e-9);
      for (const Panel& panel : room.panels) {
        EXPECT_NEAR(norm(panel.across), 1, 1e-9);
        EXPECT_NEAR(norm(panel.up), 1, 1e-9);
        EXPECT_NEAR(dot(panel.across, panel.up), 0, 1e-9);
        EXPECT_GT(std::min(panel.width, panel.height), 0);
        EXPECT_LT(panel.solid, static_cast<int>(room.solids.size()));
      }
    }
}

TEST(Room, LightComesFromAboveAndMaterialsReflectSomeOfIt) {
  for (const Decor decor : kDecors)
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const Room room = room_of(decor, seed);
      EXPECT_GT(room.light.centre.y, 1.5);
      EXPECT_GT(std::min({room.light.color.x, room.light.color.y, room.light.color.z}), 0);
      for (const Panel& panel : room.panels)
        for (const Vec3 color : {panel.material.base, panel.material.second}) {
          EXPECT_GE(std::min({color.x, color.y, color.z}), 0);
          EXPECT_LE(std::max({color.x, color.y, color.z}), 1);
        }
    }
}

TEST(Room, TheSameSeedFurnishesTheSameRoom) {
  for (const Decor decor : kDecors) {
    const Room a = room_of(decor, 3), b = room_of(decor, 3), other = room_of(decor, 4);
    ASSERT_EQ(a.panels.size(), b.panels.size());
    for (std::size_t i = 0; i < a.panels.size(); ++i) {
      EXPECT_EQ(norm(a.panels[i].corner - b.panels[i].corner), 0) << i;
      EXPECT_EQ(a.panels[i].material.seed, b.panels[i].material.seed) << i;
    }
    EXPECT_NE(a.wall_distance, other.wall_distance);
  }
}

TEST(Room, RaysDownwardsHitTheFloor) {
  const Hit hit = trace(room_of(Decor::kPlaza, 1), {0, 1.5, 5}, {0, -1, 0});
  EXPECT_EQ(hit.panel, 0);
  EXPECT_NEAR(hit.distance, 1.5, 1e-9);
}

}  // namespace
}  // namespace retime::synth


#include "synth/set/room.hpp"

namespace retime::synth {
namespace {

constexpr double kHalfWidth = 9, kNear = -2, kWallHeight = 6;

Vec3 tinted(Vec3 color, Random& random, double amount = 0.25) {
  return color * Vec3{random.between(1 - amount, 1 + amount), random.between(1 - amount, 1 + amount),
                      random.between(1 - amount, 1 + amount)};
}

Material material(Pattern pattern, Vec3 base, Vec3 second, double scale, Random& random, double gloss = 0) {
  return {pattern, tinted(base, random, 0.12), tinted(second, random, 0.12), scale, random.bits(), gloss, 0};
}

Panel wall_panel(double x, double y, double z, double width, double height, const Material& m, int solid = -1) {
  return {{x, y, z}, {1, 0, 0}, {0, 1, 0}, width, height, m, solid};
}

// A piece of furniture: the faces that can be seen.
void add_box(Room& room, Vec3 low, Vec3 high, const Material& front, const Material& rest) {
  const int solid = static_cast<int>(room.solids.size());
  const Vec3 d = high - low;
  room.solids.push_back({low, high});
  room.panels.push_back(wall_panel(low.x, low.y, low.z, d.x, d.y, front, solid));
  room.panels.push_back({{low.x, high.y, low.z}, {1, 0, 0}, {0, 0, 1}, d.x, d.z, rest, solid});
  room.panels.push_back({{low.x, low.y, high.z}, {0, 0, -1}, {0, 1, 0}, d.z, d.y, rest, solid});
  room.panels.push_back({{high.x, low.y, low.z}, {0, 0, 1}, {0, 1, 0}, d.z, d.y, rest, solid});
}

void add_shell(Room& room, const Material& floor, const Material& wall) {
  const double z = room.wall_distance;
  room.panels.push_back({{-kHalfWidth, 0, kNear}, {1, 0, 0}, {0, 0, 1}, 2 * kHalfWidth, z - kNear, floor, 0});
  room.solids.push_back({{-20, -1, -20}, {20, 0, 40}});
  room.panels.push_back(wall_panel(-kHalfWidth, 0, z, 2 * kHalfWidth, kWallHeight, wall, 1));
  room.solids.push_back({{-20, 0, z}, {20, 10, z + 1}});
  Material side = wall;
  side.seed += 77;
  room.panels.push_back({{-kHalfWidth, 0, kNear}, {0, 0, 1}, {0, 1, 0}, z - kNear, kWallHeight, side, 2});
  room.solids.push_back({{-20, 0, -20}, {-kHalfWidth, 10, 40}});
  room.panels.push_back({{kHalfWidth, 0, z}, {0, 0, -1}, {0, 1, 0}, z - kNear, kWallHeight, side, 3});
  room.solids.push_back({{kHalfWidth, 0, -20}, {20, 10, 40}});
}

void add_skirting(Room& room, Random& random) {
  const Material wood = material(Pattern::kPlain, {0.42, 0.36, 0.3}, {}, 1, random);
  const double z = room.wall_distance;
  add_box(room, {-kHalfWidth, 0, z - 0.03}, {kHalfWidth, 0.13, z}, wood, wood);
}

void add_painting(Room& room, double x, double y, double size, Random& random) {
  Material m = material(Pattern::kPainting, {0.45, 0.25, 0.12}, {0.12, 0.08, 0.05}, size, random);
  m.base = tinted({0.4, 0.3, 0.2}, random, 0.7);
  add_box(room, {x, y, room.wall_distance - 0.05}, {x + size, y + 0.75 * size, room.wall_distance}, m,
          material(Pattern::kPlain, {0.1, 0.07, 0.05}, {}, 1, random));
}

void add_window(Room& room, double x, double y, double width, double height, Random& random) {
  const double z = room.wall_distance;
  Material view = material(Pattern::kSky, {0.45, 0.62, 0.85}, {}, 1, random);
  view.emission = 0.75;
  const Material frame = material(Pattern::kPlain, {0.6, 0.58, 0.54}, {}, 1, random);
  room.panels.push_back(wall_panel(x, y, z - 0.01, width, height, view, 1));
  for (const double f : {0.0, 0.5, 1.0})
    add_box(room, {x + f * width - 0.04, y, z - 0.07}, {x + f * width + 0.04, y + height, z}, frame, frame);
  for (const double f : {0.0, 0.55, 1.0})
    add_box(room, {x - 0.05, y + f * height - 0.04, z - 0.08}, {x + width + 0.05, y + f * height + 0.04, z}, frame,
            frame);
}

void add_plant(Room& room, double x, double z, double height, Random& random) {
  const Material pot = material(Pattern::kConcrete, {0.42, 0.2, 0.12}, {0.3, 0.16, 0.1}, 9, random);
  add_box(room, {x - 0.18, 0, z - 0.18}, {x + 0.18, 0.36, z + 0.18}, pot, pot);
  const Material leaf = material(Pattern::kLeaves, {0.06, 0.17, 0.04}, {0.16, 0.27, 0.07}, height, random);
  for (int i = 0; i < 3; ++i) {
    const double turn = random.between(-0.5, 0.5) + 1.05 * i - 1.05;
    const Vec3 across{std::cos(turn), 0, std::sin(turn)};
    Material m = leaf;
    m.seed += static_cast<std::uint64_t>(i);
    room.panels.push_back({Vec3{x, 0.33, z} - across * (height / 2), across, {0, 1, 0}, height, height, m, -1});
  }
}

void add_sideboard(Room& room, double x, double width, Random& random) {
  const Material wood = material(Pattern::kPlanks, tinted({0.3, 0.17, 0.09}, random), {0.08, 0.05, 0.03}, 0.4, random);
  const double z = room.wall_distance, height = random.between(0.7, 0.95);
  add_box(room, {x, 0, z - 0.45}, {x + width, height, z}, wood, wood);
  const Material vase = material(Pattern::kConcrete, tinted({0.4, 0.4, 0.45}, random, 0.6), {0.2, 0.2, 0.2}, 9, random);
  const double at = x + random.between(0.15, width - 0.35);
  add_box(room, {at, height, z - 0.3}, {at + 0.18, height + random.between(0.2, 0.4), z - 0.12}, vase, vase);
}

void add_bookcase(Room& room, double x, double width, Random& random) {
  const Material side = material(Pattern::kPlain, {0.25, 0.17, 0.1}, {}, 1, random);
  const Material front = material(Pattern::kBooks, {0.3, 0.2, 0.12}, {0.3, 0.22, 0.14}, 1, random);
  const double z = room.wall_distance;
  add_box(room, {x, 0, z - 0.35}, {x + width, 1.8, z}, front, side);
}

void add_bench(Room& room, double x, double width, Random& random) {
  const Material wood = material(Pattern::kPlanks, {0.36, 0.24, 0.13}, {0.1, 0.07, 0.04}, 0.13, random);
  const Material leg = material(Pattern::kConcrete, {0.3, 0.3, 0.3}, {0.2, 0.2, 0.2}, 9, random);
  const double z = room.wall_distance - 0.75;
  add_box(room, {x + 0.1, 0, z + 0.05}, {x + 0.25, 0.4, z + 0.4}, leg, leg);
  add_box(room, {x + width - 0.25, 0, z + 0.05}, {x + width - 0.1, 0.4, z + 0.4}, leg, leg);
  add_box(room, {x, 0.4, z}, {x + width, 0.47, z + 0.45}, wood, wood);
}

// A window or lamp to one side, above and before the scene.
void set_indoor_light(Room& room, Random& random, double strength) {
  const double side = random.chance(0.5) ? 1 : -1;
  room.light.centre = {side * random.between(3.0, 4.6), random.between(3.6, 4.6), random.between(2.6, 4.2)};
  room.light.side = {0.28, 0, 0.28};
  room.light.top = {0, 0.3, 0.08};
  room.light.reference = 5.2;
  room.light.color = Vec3{1, 0.93, 0.82} * strength;
  room.light.sky = {0.36, 0.39, 0.44};
  room.light.ground = {0.24, 0.2, 0.17};
}

void set_sun(Room& room, Random& random) {
  const double side = random.chance(0.5) ? 1 : -1;
  const Vec3 way =
      normalized({side * random.between(0.6, 1.0), random.between(1.0, 1.35), random.between(-0.55, -0.2)});
  room.light.centre = Vec3{0, 0, 6} + way * 40;
  const double size = 1.1;  // wider than the true sun, as under thin cloud
  room.light.side = normalized(cross(way, {0, 1, 0})) * size;
  room.light.top = cross(way, normalized(room.light.side)) * size;
  room.light.reference = 0;
  room.light.color = {1.35, 1.25, 1.05};
  room.light.sky = {0.4, 0.47, 0.58};
  room.light.ground = {0.2, 0.19, 0.17};
}

void furnish_home(Room& room, Random& random) {
  const bool planks = random.chance(0.6);
  const Material floor = planks ? material(Pattern::kPlanks, {0.42, 0.25, 0.13}, {0.1, 0.06, 0.035}, 0.16, random, 0.1)
                                : material(Pattern::kCarpet, {0.33, 0.3, 0.27}, {0.2, 0.12, 0.1}, 0.9, random);
  const Vec3 paints[] = {{0.62, 0.56, 0.44}, {0.4, 0.5, 0.5}, {0.6, 0.46, 0.38}, {0.5, 0.53, 0.42}};
  add_shell(room, floor, material(Pattern::kPlaster, paints[random.below(4)], {0.4, 0.33, 0.24}, 1, random));
  add_skirting(room, random);
  const double shift = random.between(-0.4, 0.4);
  add_window(room, -1.1 + shift, 1.0, 1.7, 1.5, random);
  add_painting(room, 1.35 + shift, 1.45, random.between(0.8, 1.1), random);
  add_painting(room, -2.7 + shift, 1.4, random.between(0.7, 1.0), random);
  add_sideboard(room, 1.2 + shift, 1.5, random);
  add_bookcase(room, 3.3 + shift, 1.1, random);
  add_bookcase(room, -4.6 + shift, 1.2, random);
  add_plant(room, -2.4 + shift, room.wall_distance - 0.4, 1.0, random);
  set_indoor_light(room, random, 1.35);
}

void furnish_hall(Room& room, Random& random) {
  const bool marble = random.chance(0.5);
  const Material floor = marble ? material(Pattern::kMarble, {0.46, 0.42, 0.37}, {0.16, 0.13, 0.11}, 0.75, random, 0.8)
                                : material(Pattern::kTiles, {0.36, 0.35, 0.34}, {0.12, 0.13, 0.15}, 0.5, random, 0.8);
  add_shell(room, floor, material(Pattern::kPlaster, {0.55, 0.53, 0.48}, {0.36, 0.34, 0.33}, 1, random));
  add_skirting(room, random);
  const Material pillar = material(Pattern::kMarble, {0.5, 0.42, 0.35}, {0.24, 0.16, 0.13}, 0.9, random);
  for (int i = -2; i <= 2; ++i) {
    const double x = 2.3 * i + random.between(-0.1, 0.1);
    add_box(room, {x - 0.22, 0, room.wall_distance - 0.3}, {x + 0.22, kWallHeight, room.wall_distance}, pillar, pillar);
  }
  add_window(room, -1.75, 0.9, 1.2, 1.8, random);
  add_painting(room, 0.6, 1.2, 1.15, random);
  add_plant(room, 2.95, room.wall_distance - 0.5, 1.2, random);
  add_bench(room, -4.2, 1.6, random);
  set_indoor_light(room, random, 0.85);
  room.light.sky = {0.46, 0.48, 0.52};
}

void furnish_plaza(Room& room, Random& random) {
  const bool slabs = random.chance(0.5);
  const Material floor = slabs ? material(Pattern::kConcrete, {0.42, 0.39, 0.35}, {0.24, 0.23, 0.22}, 0.8, random)
                               : material(Pattern::kTiles, {0.45, 0.36, 0.28}, {0.3, 0.25, 0.21}, 0.4, random);
  add_shell(room, floor, material(Pattern::kBrick, {0.42, 0.2, 0.13}, {0.42, 0.4, 0.36}, 0.26, random));
  const Material stone = material(Pattern::kConcrete, {0.42, 0.4, 0.36}, {0.3, 0.28, 0.25}, 3, random);
  add_box(room, {-kHalfWidth, 0, room.wall_distance - 0.12}, {kHalfWidth, 0.35, room.wall_distance}, stone, stone);
  const double shift = random.between(-0.5, 0.5);
  add_window(room, -2.9 + shift, 1.15, 1.1, 1.5, random);
  add_window(room, 1.5 + shift, 1.15, 1.1, 1.5, random);
  add_window(room, 5.0 + shift, 1.15, 1.1, 1.5, random);
  add_bench(room, -0.9 + shift, 1.7, random);
  add_plant(room, 3.3 + shift, room.wall_distance - 0.5, 1.3, random);
  add_plant(room, -3.9 + shift, room.wall_distance - 0.6, 1.1, random);
  set_sun(room, random);
}

void furnish_studio(Room& room, Random& random) {
  add_shell(room, material(Pattern::kPlanks, {0.5, 0.33, 0.18}, {0.14, 0.09, 0.05}, 0.12, random, 0.3),
            material(Pattern::kBrick, {0.5, 0.44, 0.38}, {0.45, 0.42, 0.38}, 0.26, random));
  add_skirting(room, random);
  const Material bar = material(Pattern::kPlain, {0.34, 0.2, 0.1}, {}, 1, random);
  const double z = room.wall_distance;
  add_box(room, {-4.5, 0.95, z - 0.2}, {4.5, 1.02, z - 0.13}, bar, bar);
  for (int i = -3; i <= 3; ++i) add_box(room, {1.5 * i - 0.03, 0.9, z - 0.2}, {1.5 * i + 0.03, 0.95, z}, bar, bar);
  add_window(room, random.between(-2.2, -1.2), 1.25, 1.9, 1.3, random);
  add_painting(room, random.between(1.0, 1.8), 1.4, 1.0, random);
  const Material speaker = material(Pattern::kCarpet, {0.05, 0.05, 0.055}, {0.1, 0.1, 0.1}, 0.3, random);
  add_box(room, {2.9, 0, z - 0.5}, {3.35, 0.9, z - 0.1}, speaker, speaker);
  set_indoor_light(room, random, 1.3);
}

void furnish_pool(Room& room, Random& random) {
  const bool tiled = random.chance(0.5);
  const Material floor = tiled ? material(Pattern::kTiles, {0.2, 0.36, 0.4}, {0.36, 0.46, 0.46}, 0.3, random, 0.6)
                               : material(Pattern::kSand, {0.4, 0.32, 0.22}, {0.16, 0.13, 0.11}, 1, random, 0.6);
  add_shell(room, floor, material(Pattern::kConcrete, {0.5, 0.47, 0.4}, {0.33, 0.31, 0.28}, 1.5, random));
  const Material stone = material(Pattern::kBrick, {0.46, 0.4, 0.33}, {0.4, 0.38, 0.34}, 0.5, random);
  add_box(room, {-kHalfWidth, 0, room.wall_distance - 0.6}, {kHalfWidth, 0.45, room.wall_distance}, stone, stone);
  add_plant(room, random.between(-2.8, -1.8), room.wall_distance - 0.3, 1.4, random);
  add_plant(room, random.between(1.4, 2.6), room.wall_distance - 0.3, 1.6, random);
  add_window(room, -0.6, 1.2, 1.3, 1.4, random);
  set_sun(room, random);
}

}  // namespace

Room make_room(Decor decor, Random& random) {
  Room room;
  room.wall_distance = random.between(9.2, 10.2);
  switch (decor) {
    case Decor::kHome:
      furnish_home(room, random);
      break;
    case Decor::kHall:
      furnish_hall(room, random);
      break;
    case Decor::kPlaza:
      furnish_plaza(room, random);
      break;
    case Decor::kStudio:
      furnish_studio(room, random);
      break;
    case Decor::kPool:
      furnish_pool(room, random);
      break;
  }
  return room;
}

}  // namespace retime::synth

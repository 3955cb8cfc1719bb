#include "synth/draw/material.hpp"

#include "synth/draw/noise.hpp"

namespace retime::synth {
namespace {

std::int64_t cell(double x) { return static_cast<std::int64_t>(std::floor(x)); }
// 1 inside a cell, 0 in the gap of relative width `gap` around it.
double inside_cell(double f, double gap) { return smoothstep(0, gap, f) * smoothstep(0, gap, 1 - f); }

Vec3 planks(const Material& m, double u, double v) {
  const auto row = cell(v / m.scale);
  const double length = 9 * m.scale, shift = hash_unit(row, 0, m.seed) * length;
  const auto board = cell((u + shift) / length);
  const double tone = hash_unit(row, board, m.seed + 1);
  const double grain = fractal_noise(u * 2.2 + 31 * tone, v * 38, 4, m.seed + 2);
  const double rings = 0.5 + 0.5 * std::sin(40 * (v + 0.05 * fractal_noise(u * 1.5 + 7 * tone, v * 6, 2, m.seed + 3)));
  const double worn = fractal_noise(u * 0.7, v * 0.7, 3, m.seed + 4);
  const double light = (0.62 + 0.5 * tone) * (0.72 + 0.4 * grain + 0.1 * rings) * (0.8 + 0.4 * worn);
  const double gap = inside_cell(fraction(v / m.scale), 0.04) * inside_cell(fraction((u + shift) / length), 0.006);
  return mix(m.second, mix(m.base, m.second, 0.35 * (1 - tone)) * light, gap);
}

Vec3 tiles(const Material& m, double u, double v) {
  const auto i = cell(u / m.scale), j = cell(v / m.scale);
  const double tone = hash_unit(i, j, m.seed);
  const double speckle = fractal_noise(u * 26, v * 26, 3, m.seed + 1);
  const double stain = fractal_noise(u * 0.9, v * 0.9, 4, m.seed + 2);
  const Vec3 tile = mix(m.base, m.second, (i + j) % 2 != 0 ? 0.32 : 0.0);
  const Vec3 color = tile * ((0.84 + 0.22 * tone) * (0.8 + 0.4 * speckle) * (0.75 + 0.45 * stain));
  const double gap = inside_cell(fraction(u / m.scale), 0.03) * inside_cell(fraction(v / m.scale), 0.03);
  return mix(m.second * 0.55, color, gap);
}

Vec3 marble(const Material& m, double u, double v) {
  const auto i = cell(u / m.scale), j = cell(v / m.scale);
  const double turn = hash_unit(i, j, m.seed) * 6.28;
  const double x = u * std::cos(turn) - v * std::sin(turn), y = u * std::sin(turn) + v * std::cos(turn);
  const double bend = fractal_noise(x * 2.1, y * 2.1, 4, m.seed + 1);
  const double vein = std::pow(1 - std::abs(std::sin(2.5 * x + 7 * bend)), 5.0);
  const double cloud = fractal_noise(u * 3, v * 3, 4, m.seed + 2);
  const double gap = inside_cell(fraction(u / m.scale), 0.008) * inside_cell(fraction(v / m.scale), 0.008);
  const Vec3 color = mix(m.base * (0.74 + 0.42 * cloud), m.second, 0.65 * vein);
  return mix(m.second * 0.5, color * (0.9 + 0.2 * hash_unit(i, j, m.seed + 5)), gap);
}

Vec3 carpet(const Material& m, double u, double v) {
  const double pile = fractal_noise(u * 90, v * 90, 2, m.seed);
  const double trodden = fractal_noise(u * 1.3, v * 1.3, 4, m.seed + 1);
  const double a = fraction(u / m.scale) - 0.5, b = fraction(v / m.scale) - 0.5;
  const double diamond = smoothstep(0.02, 0.05, std::abs(std::abs(a) + std::abs(b) - 0.36));
  return mix(m.second, m.base, diamond) * ((0.6 + 0.75 * pile) * (0.72 + 0.5 * trodden));
}

Vec3 plaster(const Material& m, double u, double v) {
  const double rough = fractal_noise(u * 16, v * 16, 4, m.seed);
  const double stain = smoothstep(0.5, 0.8, fractal_noise(u * 1.1, v * 0.6, 5, m.seed + 1));
  const double tone = fractal_noise(u * 0.5, v * 0.5, 2, m.seed + 2);
  const double bend = fractal_noise(u * 3, v * 3, 3, m.seed + 4);
  const double crack =
      1 - smoothstep(0.0, 0.006, std::abs(fractal_noise(u * 0.8 + bend, v * 0.8, 2, m.seed + 3) - 0.5));
  const Vec3 color = mix(m.base, m.second, 0.4 * stain) * ((0.82 + 0.32 * rough) * (0.8 + 0.35 * tone));
  return color * (1 - 0.35 * crack);
}

Vec3 brick(const Material& m, double u, double v) {
  const double height = m.scale / 3;
  const auto row = cell(v / height);
  const double along = u / m.scale + (row % 2 != 0 ? 0.5 : 0.0);
  const auto column = cell(along);
  const double tone = hash_unit(row, column, m.seed);
  const double rough = fractal_noise(u * 22, v * 22, 4, m.seed + 1);
  const double soot = fractal_noise(u * 0.8, v * 0.8, 3, m.seed + 2);
  const Vec3 stone = mix(m.base, m.base * Vec3{0.6, 0.72, 0.85}, hash_unit(row, column, m.seed + 3));
  const double face = inside_cell(fraction(along), 0.05) * inside_cell(fraction(v / height), 0.13);
  return mix(m.second * (0.8 + 0.3 * rough), stone * ((0.6 + 0.6 * tone) * (0.7 + 0.55 * rough)), face) *
         (0.72 + 0.5 * soot);
}

Vec3 concrete(const Material& m, double u, double v) {
  const double rough = fractal_noise(u * 34, v * 34, 3, m.seed);
  const double cloud = fractal_noise(u * 1.4, v * 1.4, 5, m.seed + 1);
  const double wet = smoothstep(0.52, 0.66, fractal_noise(u * 0.6, v * 0.6, 4, m.seed + 2));
  const double joint = inside_cell(fraction(u / m.scale), 0.012) * inside_cell(fraction(v / m.scale), 0.012);
  const Vec3 color = mix(m.base, m.second, 0.45 * wet) * ((0.72 + 0.5 * rough) * (0.7 + 0.55 * cloud));
  return mix(m.second * 0.6, color, joint);
}

Vec3 sand(const Material& m, double u, double v) {
  const double grains = fractal_noise(u * 70, v * 70, 2, m.seed);
  const double bend = fractal_noise(u * 1.2, v * 1.2, 3, m.seed + 1);
  const double waves = 0.5 + 0.5 * std::sin(34 * v + 9 * bend + 2.5 * std::sin(2.1 * u));
  const double cloud = fractal_noise(u * 0.9, v * 0.9, 4, m.seed + 2);
  const double pebble = smoothstep(0.78, 0.84, value_noise(u * 13, v * 13, m.seed + 3));
  return mix(m.base, m.second, 0.5 * pebble) * ((0.66 + 0.4 * grains) * (0.82 + 0.22 * waves) * (0.68 + 0.6 * cloud));
}

// An abstract picture in a frame; one scale wide and 0.75 scales high.
Vec3 painting(const Material& m, double u, double v) {
  const double x = u / m.scale, y = v / (0.75 * m.scale);
  const double border = std::min(std::min(x, 1 - x), std::min(y, 1 - y));
  if (border < 0.06) return m.second * (0.7 + 6 * std::max(border, 0.0));
  if (border < 0.14) return Vec3{0.75, 0.73, 0.68} * (0.9 + 0.15 * value_noise(u * 60, v * 60, m.seed));
  const double hills = 0.45 + 0.35 * (fractal_noise(x * 4, 0.5, 3, m.seed) - 0.5);
  const double brush = fractal_noise(x * 9, y * 30, 3, m.seed + 1);
  const Vec3 below = mix(m.base, m.second, fractal_noise(x * 7, y * 7, 4, m.seed + 2));
  const Vec3 above = mix({0.7, 0.62, 0.4}, {0.25, 0.4, 0.62}, smoothstep(0.4, 1, y));
  return (y < hills ? below : above) * (0.55 + 0.8 * brush);
}

Vec3 sky(const Material& m, double u, double v) {
  const double cloud = smoothstep(0.4, 0.75, fractal_noise(u * 1.6, v * 2.6, 5, m.seed));
  const double tree = fractal_noise(u * 3, 0.5, 4, m.seed + 1) * 0.9;
  const double leaf = fractal_noise(u * 14, v * 14, 3, m.seed + 2);
  if (v < tree) return Vec3{0.05, 0.09, 0.03} * (0.5 + 2 * leaf);
  return mix(m.base, {0.95, 0.95, 0.95}, cloud);
}

Vec3 books(const Material& m, double u, double v) {
  const auto shelf = cell(v / 0.36);
  const double height = fraction(v / 0.36), along = u / 0.045 + 0.6 * std::sin(u * 17 + static_cast<double>(shelf));
  const auto book = cell(along);
  const double tall = 0.62 + 0.28 * hash_unit(book, shelf, m.seed);
  if (height < 0.08) return m.second;
  if (height > tall) return m.second * 0.25;
  const double hue = hash_unit(book, shelf, m.seed + 1), tone = 0.15 + 0.5 * hash_unit(book, shelf, m.seed + 2);
  const Vec3 color{0.5 + 0.5 * std::cos(6.28 * hue), 0.45 + 0.35 * std::cos(6.28 * (hue + 0.33)),
                   0.4 + 0.4 * std::cos(6.28 * (hue + 0.6))};
  const double label = height > 0.5 && height < 0.56 ? 1.8 : 1.0;
  return (color * 0.6 + Vec3{0.12, 0.1, 0.08}) * (tone * label * inside_cell(fraction(along), 0.15));
}

Vec3 leaves(const Material& m, double u, double v) {
  return mix(m.base, m.second, fractal_noise(u * 12, v * 12, 3, m.seed)) *
         (0.5 + 0.9 * value_noise(u * 45, v * 45, m.seed));
}

Vec3 plain(const Material& m, double u, double v) {
  const double grain = fractal_noise(u * 4, v * 40, 3, m.seed);
  return m.base * (0.78 + 0.3 * grain + 0.12 * fractal_noise(u * 2, v * 2, 2, m.seed + 1));
}

}  // namespace

Vec3 albedo(const Material& material, double u, double v) {
  switch (material.pattern) {
    case Pattern::kPlain:
      return plain(material, u, v);
    case Pattern::kPlanks:
      return planks(material, u, v);
    case Pattern::kTiles:
      return tiles(material, u, v);
    case Pattern::kMarble:
      return marble(material, u, v);
    case Pattern::kCarpet:
      return carpet(material, u, v);
    case Pattern::kPlaster:
      return plaster(material, u, v);
    case Pattern::kBrick:
      return brick(material, u, v);
    case Pattern::kConcrete:
      return concrete(material, u, v);
    case Pattern::kSand:
      return sand(material, u, v);
    case Pattern::kPainting:
      return painting(material, u, v);
    case Pattern::kSky:
      return sky(material, u, v);
    case Pattern::kBooks:
      return books(material, u, v);
    case Pattern::kLeaves:
      return leaves(material, u, v);
  }
  return material.base;
}

// Fronds that fan out from the middle of the lower edge; the surface is one scale wide and high.
bool is_hole(const Material& material, double u, double v) {
  if (material.pattern != Pattern::kLeaves) return false;
  const double x = u / material.scale - 0.5, y = v / material.scale;
  const double r = std::hypot(x, y), angle = std::atan2(x, y) + 0.25 * r;
  const auto frond = cell(angle * 3.2 + 0.5);
  const double across = std::abs(fraction(angle * 3.2 + 0.5) - 0.5) / 3.2 * r;
  const double length = 0.65 + 0.35 * hash_unit(frond, 0, material.seed);
  const double width =
      0.11 * std::sin(3.14 * std::clamp(r / length, 0.0, 1.0)) * (0.6 + 0.4 * std::abs(std::sin(40 * r)));
  return r > length || across > width + 0.006;
}

}  // namespace retime::synth

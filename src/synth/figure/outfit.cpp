#include "synth/figure/outfit.hpp"

#include "synth/draw/noise.hpp"

namespace retime::synth {
namespace {

double wave(double x) { return 0.5 + 0.5 * std::sin(2 * kPi * x); }
// `x` around and `y` along the limb, metres.
Vec3 fabric_color(const Garment& g, double x, double y) {
  const double u = x / g.scale, v = y / g.scale;
  const double weave = 0.86 + 0.2 * value_noise(x * 260, y * 260, g.seed);
  const double crease = 0.72 + 0.5 * fractal_noise(x * 9 + 1.7 * std::sin(5 * y), y * 13, 3, g.seed + 1);
  Vec3 color = g.base;
  switch (g.fabric) {
    case Fabric::kPlain:
      break;
    case Fabric::kStripes:
      color = mix(g.base, g.second, smoothstep(0.42, 0.58, wave(v)));
      break;
    case Fabric::kPlaid: {
      const double a = smoothstep(0.6, 0.8, wave(u)), b = smoothstep(0.6, 0.8, wave(v));
      const double thin = std::max(smoothstep(0.95, 1, wave(u + 0.5)), smoothstep(0.95, 1, wave(v + 0.5)));
      color = mix(mix(g.base, g.second, 0.5 * (a + b)), {0.75, 0.72, 0.65}, 0.6 * thin);
      break;
    }
    case Fabric::kPrint: {
      const double flower = fractal_noise(u * 0.9, v * 0.9, 2, g.seed + 3);
      color = mix(g.base, g.second, smoothstep(0.52, 0.6, flower));
      color = mix(color, {0.6, 0.5, 0.2}, smoothstep(0.7, 0.74, value_noise(u * 1.7, v * 1.7, g.seed + 4)));
      break;
    }
    case Fabric::kDenim:
      color = mix(g.base, g.second, 0.8 * fractal_noise(u * 0.6, v * 0.4, 3, g.seed + 5));
      break;
    case Fabric::kDots: {
      const double shift = std::fmod(std::floor(v), 2.0) * 0.5;
      color = mix(g.second, g.base, smoothstep(0.24, 0.32, std::hypot(fraction(u + shift) - 0.5, fraction(v) - 0.5)));
      break;
    }
    case Fabric::kKnit:
      color = g.base * (0.75 + 0.4 * wave(u * 6) * wave(v * 5 + 0.3 * std::sin(u * 30)));
      break;
  }
  return color * (weave * crease);
}

Vec3 skin_color(const Outfit& o, double x, double y) {
  return o.skin * (0.88 + 0.2 * fractal_noise(x * 40, y * 40, 3, o.shirt.seed + 9));
}

Vec3 hair_color(const Outfit& o, double x, double y) {
  return o.hair * (0.55 + 1.2 * fractal_noise(x * 160, y * 14, 3, o.shirt.seed + 11));
}

// A face on the front half of the head; `a` sideways from its middle in turns, `y` from chin to crown.
Vec3 head_color(const Outfit& o, double around, double y) {
  const double a = around - std::floor(around) - 0.5, side = std::abs(a);
  const double fringe = 0.66 + 0.05 * std::sin(23 * a) - 1.3 * std::max(0.0, side - 0.12);
  if (y > fringe || side > 0.32 + 0.06 * y || (o.long_hair && side > 0.24))
    return hair_color(o, around * 0.4, y * 0.25);
  Vec3 color = skin_color(o, around * 0.4, y * 0.25);
  const double eye = std::hypot((side - 0.062) / 0.024, (y - 0.5) / 0.025);
  if (eye < 1) return mix({0.03, 0.02, 0.02}, {0.6, 0.58, 0.55}, smoothstep(0.4, 0.7, eye));
  const double brow = std::hypot((side - 0.065) / 0.04, (y - 0.565) / 0.013);
  color = mix(o.hair, color, smoothstep(0.7, 1.2, brow));
  const double mouth = std::hypot(a / 0.045, (y - 0.24) / 0.018);
  color = mix(Vec3{0.34, 0.1, 0.09}, color, smoothstep(0.7, 1.1, mouth));
  const double cheek = std::hypot((side - 0.09) / 0.05, (y - 0.36) / 0.08);
  return mix(color * Vec3{1.12, 0.9, 0.88}, color, smoothstep(0.2, 1, cheek));
}

Vec3 torso_color(const Outfit& o, double around, double along) {
  const double x = around * 0.95, y = along * 0.62;
  const bool front = around > 0.4 && around < 0.6;
  if (along > 0.9 + (front ? -0.03 : 0.0)) return skin_color(o, x, y);
  if (along > 0.885 + (front ? -0.03 : 0.0)) return o.shirt.second * 0.8;
  if (along > 0.3) return fabric_color(o.shirt, x, y);
  if (along > 0.265) return front && around > 0.48 && around < 0.52 ? Vec3{0.5, 0.42, 0.2} : Vec3{0.05, 0.035, 0.025};
  return fabric_color(o.trousers, x, y);
}

Vec3 leg_color(const Outfit& o, double around, double along) {
  const double x = around * 0.45, y = along * 0.84;
  if (o.bare_legs && along > 0.22) return skin_color(o, x, y);
  const double seam = std::abs(around - 0.25) < 0.012 || std::abs(around - 0.75) < 0.012 ? 0.6 : 1;
  const double worn =
      o.trousers.fabric == Fabric::kDenim ? 1 + 0.35 * std::exp(-std::pow((along - 0.35) / 0.2, 2.0)) : 1;
  return fabric_color(o.trousers, x, y) * (seam * worn);
}

Vec3 arm_color(const Outfit& o, double around, double along) {
  const double x = around * 0.3, y = along * 0.55, cuff = o.long_sleeves ? 0.97 : 0.36;
  if (along > cuff) return skin_color(o, x, y);
  if (along > cuff - 0.025) return o.shirt.second * 0.7;
  return fabric_color(o.shirt, x, y);
}

Vec3 foot_color(const Outfit& o, double around, double along) {
  const double turn = around - std::floor(around), bottom = std::min(turn, 1 - turn);
  if (bottom < 0.16) return Vec3{0.55, 0.53, 0.5} * (0.8 + 0.3 * value_noise(along * 30, 0, o.shirt.seed));
  const bool lace = std::abs(turn - 0.5) < 0.07 && along > 0.4 && along < 0.75 && fraction(along * 18) < 0.45;
  return lace ? Vec3{0.6, 0.6, 0.6} : o.shoes * (0.75 + 0.5 * value_noise(around * 12, along * 14, o.shirt.seed));
}

struct Palette {
  Vec3 base, second;
};
constexpr Palette kShirts[] = {{{0.5, 0.06, 0.05}, {0.7, 0.66, 0.58}},   {{0.05, 0.13, 0.36}, {0.6, 0.62, 0.62}},
                               {{0.62, 0.56, 0.14}, {0.12, 0.12, 0.14}}, {{0.07, 0.3, 0.16}, {0.62, 0.6, 0.4}},
                               {{0.6, 0.58, 0.55}, {0.08, 0.1, 0.2}},    {{0.34, 0.1, 0.34}, {0.7, 0.5, 0.55}},
                               {{0.6, 0.25, 0.06}, {0.12, 0.06, 0.04}},  {{0.1, 0.34, 0.38}, {0.6, 0.55, 0.4}}};
constexpr Palette kTrousers[] = {{{0.05, 0.08, 0.17}, {0.14, 0.2, 0.32}},
                                 {{0.27, 0.2, 0.12}, {0.36, 0.28, 0.18}},
                                 {{0.05, 0.05, 0.055}, {0.1, 0.1, 0.11}},
                                 {{0.22, 0.23, 0.25}, {0.3, 0.3, 0.32}}};
constexpr Vec3 kSkins[] = {
    {0.6, 0.4, 0.3}, {0.5, 0.31, 0.21}, {0.3, 0.17, 0.1}, {0.14, 0.075, 0.045}, {0.56, 0.36, 0.24}};
constexpr Vec3 kHairs[] = {
    {0.03, 0.022, 0.018}, {0.1, 0.055, 0.03}, {0.3, 0.2, 0.08}, {0.18, 0.06, 0.025}, {0.25, 0.24, 0.23}};

Garment garment(const Palette& palette, Fabric fabric, double scale, Random& random) {
  const double tone = random.between(0.85, 1.15);
  return {fabric, palette.base * tone, palette.second * tone, scale, random.bits()};
}

}  // namespace

Outfit make_outfit(Random& random, int index, Loose loose) {
  constexpr Fabric kShirtFabrics[] = {Fabric::kStripes, Fabric::kPlaid, Fabric::kPrint, Fabric::kKnit, Fabric::kDots};
  Outfit o;
  const int shirt = (3 * index + random.below(3)) % 8;
  o.shirt = garment(kShirts[shirt], kShirtFabrics[(index + random.below(5)) % 5], random.between(0.05, 0.1), random);
  const int trousers = index % 4;
  o.trousers = garment(kTrousers[trousers], trousers == 0 ? Fabric::kDenim : Fabric::kPlain, 0.05, random);
  o.cloth = garment(kShirts[(shirt + 3) % 8], loose == Loose::kScarf ? Fabric::kStripes : Fabric::kPrint,
                    random.between(0.07, 0.12), random);
  if (loose == Loose::kCoat) o.cloth = garment(kTrousers[(trousers + 1) % 4], Fabric::kKnit, 0.2, random);
  o.skin = kSkins[random.below(5)];
  o.hair = kHairs[random.below(5)];
  o.shoes = random.chance(0.4) ? Vec3{0.5, 0.48, 0.46} : kTrousers[random.below(4)].base;
  o.long_sleeves = random.chance(0.6) || loose == Loose::kCoat;
  o.loose = loose;
  o.bare_legs = loose == Loose::kSkirt;
  o.long_hair = loose == Loose::kSkirt || random.chance(0.35);
  o.cloth_length = loose == Loose::kSkirt ? random.between(0.42, 0.66) : random.between(0.55, 0.75);
  return o;
}

Vec3 surface_color(const Outfit& o, Limb limb, double around, double along) {
  switch (limb) {
    case Limb::kTorso:
      return torso_color(o, around, along);
    case Limb::kHead:
      return head_color(o, around, along);
    case Limb::kLeftArm:
    case Limb::kRightArm:
      return arm_color(o, around, along);
    case Limb::kLeftHand:
    case Limb::kRightHand:
      return skin_color(o, around * 0.15, along * 0.17);
    case Limb::kLeftLeg:
    case Limb::kRightLeg:
      return leg_color(o, around, along);
    case Limb::kLeftFoot:
    case Limb::kRightFoot:
      return foot_color(o, around, along);
    case Limb::kSkirt:
    case Limb::kCoat:
      return fabric_color(o.cloth, around * 1.4, along * o.cloth_length);
    case Limb::kScarf:
      return fabric_color(o.cloth, around * 0.2, along * o.cloth_length);
    case Limb::kPonytail:
      return hair_color(o, around * 0.2, along * 0.3);
    case Limb::kDroplet:
      break;
  }
  return {0.8, 0.85, 0.9};
}

}  // namespace retime::synth

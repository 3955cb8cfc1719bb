#include "synth/set/stage.hpp"

namespace retime::synth {
namespace {

constexpr double kPassSeconds = 3.4;

// A way through three places that is walked to and fro as often as the time allows; the clip's middle is that of a
// pass.
std::vector<Stop> passes(Vec3 from, Vec3 middle, Vec3 to, double half_s) {
  const int count = std::max(1, 2 * static_cast<int>((2 * half_s / kPassSeconds + 0.3) / 2) + 1);
  const double span = std::max(2 * half_s / count, 2.4);
  const int first = -count / 2;
  std::vector<Stop> stops;
  for (int i = first; i <= -first; ++i) {
    const double centre = half_s + i * span;
    const Vec3 a = i % 2 == 0 ? from : to;
    stops.push_back({centre - span / 2, a.x, a.z});
    stops.push_back({centre, middle.x, middle.z + 0.15 * i});
  }
  const Vec3 end = first % 2 == 0 ? to : from;
  stops.push_back({half_s + (0.5 - first) * span, end.x, end.z});
  return stops;
}

Moves walking(Random& random) {
  Moves moves;
  moves.stride_phase = random.unit();
  moves.swing = random.between(0.8, 1.2);
  return moves;
}

Choreography crossing(double half_s, Random& random) {
  const double j = random.between(-0.12, 0.12), k = random.between(-0.12, 0.12);
  return {{passes({-1.95, 0, 5.9 + j}, {0.05, 0, 6.1}, {1.9, 0, 6.3 + k}, half_s),
           passes({2.1, 0, 7.6 + k}, {0.1, 0, 7.3}, {-2.0, 0, 7.1 + j}, half_s)},
          {walking(random), walking(random)},
          {Loose::kNone, random.chance(0.5) ? Loose::kSkirt : Loose::kCoat}};
}

Choreography mirrored_walk(double half_s, Random& random) {
  const double j = random.between(-0.12, 0.12), k = random.between(-0.1, 0.1);
  return {{passes({1.75, 0, 6.0 + j}, {-0.05, 0, 6.25}, {-1.7, 0, 6.9}, half_s),
           passes({-1.9, 0, 8.1 + k}, {0.05, 0, 7.5}, {1.7, 0, 6.5}, half_s)},
          {walking(random), walking(random)},
          {random.chance(0.5) ? Loose::kCoat : Loose::kNone, random.chance(0.5) ? Loose::kScarf : Loose::kSkirt}};
}

// Three people on a ring, so that who is in front changes.
Choreography round_dance(double half_s, Random& random) {
  Choreography c;
  const double start = random.between(0, 2 * kPi), rate = random.between(0.78, 0.9);
  const double reach = half_s + 1.5;
  for (int person = 0; person < 3; ++person) {
    const double wide = random.between(1.35, 1.6), deep = random.between(0.85, 1.0);
    std::vector<Stop> way;
    for (double t = -reach; t <= reach; t += 0.25) {
      const double angle = start + person * 2 * kPi / 3 + rate * t;
      way.push_back({half_s + t, wide * std::cos(angle), 7.0 + deep * std::sin(angle)});
    }
    c.ways.push_back(std::move(way));
    c.moves.push_back(walking(random));
    c.loose.push_back(person == 1 ? Loose::kSkirt : person == 2 ? Loose::kScarf : Loose::kNone);
  }
  return c;
}

Choreography panned_walk(double half_s, Random& random) {
  const double j = random.between(-0.1, 0.1);
  return {{passes({-2.3, 0, 6.1 + j}, {-0.1, 0, 6.2}, {2.2, 0, 6.5}, half_s),
           passes({1.5, 0, 7.5}, {0.1, 0, 7.4 + j}, {-1.2, 0, 7.6}, half_s)},
          {walking(random), walking(random)},
          {random.chance(0.5) ? Loose::kScarf : Loose::kNone, random.chance(0.5) ? Loose::kCoat : Loose::kSkirt}};
}

Choreography splashing(double half_s, Random& random) {
  const double j = random.between(-0.1, 0.1);
  Choreography c{{passes({-1.8, 0, 6.1 + j}, {0.0, 0, 6.2}, {1.8, 0, 6.3}, half_s),
                  passes({1.5, 0, 7.6}, {0.15, 0, 7.4 + j}, {-1.3, 0, 7.5}, half_s)},
                 {walking(random), walking(random)},
                 {Loose::kNone, Loose::kNone}};
  for (Moves& moves : c.moves) moves.wade = 0.05;
  for (double t = half_s - 1.15; t > -0.5; t -= 2.1) c.moves[1].jumps_s.push_back(t);
  for (double t = half_s + 0.55; t < 2 * half_s + 0.5; t += 2.1) c.moves[1].jumps_s.push_back(t);
  return c;
}

Choreography dancing(double half_s, Random& random) {
  Choreography c{{passes({-1.05, 0, 6.1}, {0, 0, 6.15}, {1.0, 0, 6.2}, half_s),
                  passes({1.1, 0, 7.3}, {0.05, 0, 7.35}, {-1.05, 0, 7.3}, half_s)},
                 {walking(random), walking(random)},
                 {random.chance(0.4) ? Loose::kScarf : Loose::kNone, Loose::kSkirt}};
  for (Moves& moves : c.moves) {
    moves.dance = random.between(0.75, 0.95);
    moves.beat_hz = random.between(1.6, 2.1);
  }
  for (double t = half_s - 1.1; t > -0.5; t -= 2.6) c.moves[0].jumps_s.push_back(t);
  for (double t = half_s + 0.6; t < 2 * half_s; t += 2.6) c.moves[1].jumps_s.push_back(t);
  return c;
}

}  // namespace

Choreography choreograph(const std::string& scene, double half_s, Random& random) {
  if (scene == "reflections") return mirrored_walk(half_s, random);
  if (scene == "order") return round_dance(half_s, random);
  if (scene == "camera") return panned_walk(half_s, random);
  if (scene == "splash") return splashing(half_s, random);
  if (scene == "dance") return dancing(half_s, random);
  return crossing(half_s, random);
}

std::vector<NamedEdit> make_edits(int frames) {
  const auto number = [](double value) { return std::to_string(std::max(1, static_cast<int>(std::lround(value)))); };
  const auto file = [](const std::string& edits) { return "{\"edits\": [\n  " + edits + "\n]}\n"; };
  const double t = frames;
  const std::string middle = number(0.46 * t), part = number(t / 5), sixth = number(t / 6);
  return {{"shift", file(R"({"layer": "02", "offset": -)" + part + R"(, "outside": "hold"})")},
          {"freeze", file(R"({"layer": "01", "freeze": {"at": )" + middle + R"(, "from": )" + middle + "}}")},
          {"slow",
           file(R"({"layer": "02", "speed": 0.5, "from": )" + number(0.2 * t) + R"(, "to": )" + number(0.8 * t) + "}")},
          {"swap", file(R"({"layer": "01", "offset": )" + sixth + R"(, "outside": "hold"},)" + "\n  " +
                        R"({"layer": "02", "offset": -)" + sixth + R"(, "outside": "hold"})")},
          {"duplicate", file(R"({"layer": "01", "duplicate": {"offset": )" + number(t / 4) +
                             R"(, "opacity": 1, "outside": "hold"}})")}};
}

}  // namespace retime::synth

#include "synth/figure/path.hpp"

#include <numeric>

namespace retime::synth {
namespace {

constexpr double kStep = 1.0 / 60, kMargin = 2.5;
constexpr int kHeadingWindow = 21;  // steps to either side

Vec3 place(const Stop& stop) { return {stop.x, 0, stop.z}; }

Vec3 velocity(const Stop& a, const Stop& b) {
  return (place(b) - place(a)) * (1 / std::max(b.time_s - a.time_s, 1e-6));
}

// The tangent at a stop; nobody overshoots a place where they stand.
Vec3 tangent(const std::vector<Stop>& stops, std::size_t i) {
  if (i == 0) return velocity(stops[0], stops[1]);
  if (i + 1 == stops.size()) return velocity(stops[i - 1], stops[i]);
  const Vec3 before = velocity(stops[i - 1], stops[i]), after = velocity(stops[i], stops[i + 1]);
  if (norm(before) < 1e-6 || norm(after) < 1e-6) return {};
  return velocity(stops[i - 1], stops[i + 1]);
}

Vec3 position_at(const std::vector<Stop>& stops, double t) {
  if (t <= stops.front().time_s) return place(stops.front()) + tangent(stops, 0) * (t - stops.front().time_s);
  if (t >= stops.back().time_s)
    return place(stops.back()) + tangent(stops, stops.size() - 1) * (t - stops.back().time_s);
  std::size_t i = 0;
  while (stops[i + 1].time_s < t) ++i;
  const double span = stops[i + 1].time_s - stops[i].time_s, w = (t - stops[i].time_s) / span;
  const double w2 = w * w, w3 = w2 * w;
  return place(stops[i]) * (2 * w3 - 3 * w2 + 1) + place(stops[i + 1]) * (3 * w2 - 2 * w3) +
         tangent(stops, i) * (span * (w3 - 2 * w2 + w)) + tangent(stops, i + 1) * (span * (w3 - w2));
}

}  // namespace

Path::Path(const std::vector<Stop>& stops, Vec3 preferred) : start_s_(stops.front().time_s - kMargin) {
  const int count = static_cast<int>((stops.back().time_s - stops.front().time_s + 2 * kMargin) / kStep) + 1;
  for (int i = 0; i < count; ++i) tracks_.push_back({position_at(stops, start_s_ + i * kStep), {}, 0, 0});
  const auto track = [&](int i) -> Track& { return tracks_[static_cast<std::size_t>(std::clamp(i, 0, count - 1))]; };
  for (int i = 0; i < count; ++i) {
    const Vec3 step = track(i + 1).position - track(i - 1).position;
    track(i).speed = norm(step) / (kStep * (i == 0 || i == count - 1 ? 1 : 2));
    const Vec3 trend = track(i + kHeadingWindow).position - track(i - kHeadingWindow).position;
    track(i).heading = normalized(trend + preferred * 0.12);
    if (i > 0) track(i).travelled = track(i - 1).travelled + norm(track(i).position - track(i - 1).position);
  }
  double fast = 0;
  int moving = 0;
  for (const Track& t : tracks_)
    if (t.speed > 0.2) fast += t.speed, ++moving;
  mean_speed_ = moving > 0 ? fast / moving : 0;
}

Track Path::between(double index) const {
  const double last = static_cast<double>(tracks_.size()) - 1;
  const double at = std::clamp(index, 0.0, last);
  const auto i = static_cast<std::size_t>(std::min(at, last - 1));
  const double w = at - static_cast<double>(i);
  const Track &a = tracks_[i], &b = tracks_[i + 1];
  return {mix(a.position, b.position, w), normalized(mix(a.heading, b.heading, w)), mix(a.travelled, b.travelled, w),
          mix(a.speed, b.speed, w)};
}

Track Path::at_time(double time_s) const { return between((time_s - start_s_) / kStep); }

Track Path::at_distance(double travelled) const {
  const auto later = std::lower_bound(tracks_.begin(), tracks_.end(), travelled,
                                      [](const Track& t, double d) { return t.travelled < d; });
  const auto i = static_cast<std::size_t>(later - tracks_.begin());
  if (i == 0) return tracks_.front();
  if (i == tracks_.size()) return tracks_.back();
  const double gap = tracks_[i].travelled - tracks_[i - 1].travelled;
  const double w = gap > 1e-9 ? (travelled - tracks_[i - 1].travelled) / gap : 0;
  return between(static_cast<double>(i - 1) + w);
}

}  // namespace retime::synth

#include "post/edit/time_map.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace retime {
namespace {

// Seconds of the edit file become frames with rounding errors; whole frames must not fall out of ranges for these.
constexpr double kTolerance = 1e-6;

bool inside(double t, double from, double to) { return t >= from - kTolerance && t <= to + kTolerance; }

/// The time that a verb shows at time `t`, on the time line before the verb; nothing when it hides the layer.
struct TimeBefore {
  double t;

  std::optional<double> operator()(const Remove&) const { return std::nullopt; }
  std::optional<double> operator()(const Freeze& freeze) const {
    if (inside(t, freeze.from, freeze.to)) return freeze.at;
    const bool resumed = t > freeze.to && freeze.after == AfterFreeze::kResume;
    return resumed ? freeze.at + (t - freeze.to) : t;
  }
  std::optional<double> operator()(const Offset& offset) const { return t - offset.frames; }
  std::optional<double> operator()(const Speed& speed) const {
    const double fast = std::clamp(t, speed.from, speed.to) - speed.from;
    return t + fast * (speed.factor - 1);
  }
  std::optional<double> operator()(const Duplicate& duplicate) const { return t - duplicate.offset; }
  std::optional<double> operator()(const Visible& visible) const {
    for (const auto& [from, to] : visible.ranges)
      if (inside(t, from, to)) return t;
    return std::nullopt;
  }
};

bool holds(const Verb& verb) {
  return std::visit(
      [](const auto& v) {
        if constexpr (requires { v.outside; }) return v.outside == Outside::kHold;
        return false;
      },
      verb);
}

constexpr std::size_t kMostInstances = 2000;  // of one layer

void add_copies(std::vector<LayerInstance>& instances, const Duplicate& duplicate) {
  const std::size_t originals = instances.size();
  if (originals * (static_cast<std::size_t>(duplicate.count) + 1) > kMostInstances)
    throw Error(fmt::format("the edits duplicate a layer and its copies more than {} times: ask for fewer copies",
                            kMostInstances));
  for (int copy = 1; copy <= duplicate.count; ++copy)
    for (std::size_t i = 0; i < originals; ++i) {
      LayerInstance instance = instances[i];
      instance.time.apply(Offset{copy * duplicate.offset, duplicate.outside});
      instance.opacity *= duplicate.opacity;
      instances.push_back(std::move(instance));
    }
}

void apply(std::vector<LayerInstance>& instances, const Verb& verb) {
  if (std::holds_alternative<Remove>(verb)) return instances.clear();
  if (const auto* duplicate = std::get_if<Duplicate>(&verb)) return add_copies(instances, *duplicate);
  for (LayerInstance& instance : instances) instance.time.apply(verb);
}

}  // namespace

TimeMap::TimeMap(int source_frames, Outside outside) : source_frames_(source_frames), outside_(outside) {}

void TimeMap::apply(const Verb& verb) {
  chain_.push_back(verb);
  if (holds(verb)) outside_ = Outside::kHold;
  if (const auto* speed = std::get_if<Speed>(&verb); speed && speed->sampling == Sampling::kBlend)
    sampling_ = Sampling::kBlend;
}

std::optional<SourcePosition> TimeMap::operator()(double t) const {
  std::optional<double> position = t;
  for (auto verb = chain_.rbegin(); verb != chain_.rend() && position; ++verb)
    position = std::visit(TimeBefore{*position}, *verb);
  return position ? sample(*position) : std::nullopt;
}

std::optional<SourcePosition> TimeMap::sample(double position) const {
  if (std::isnan(position)) return std::nullopt;  // Times without bounds cancelled each other out.
  const double last = source_frames_ - 1;
  const double nearest = std::floor(position + 0.5 + kTolerance);
  if (outside_ == Outside::kAbsent && (nearest < 0 || nearest > last)) return std::nullopt;
  if (sampling_ == Sampling::kNearest) {
    const int frame = static_cast<int>(std::clamp(nearest, 0.0, last));
    return SourcePosition{frame, frame, 0};
  }
  const double held = std::clamp(position, 0.0, last);
  const double whole = std::floor(held + kTolerance);
  const double weight = held - whole;
  const int frame = static_cast<int>(whole);
  if (weight < kTolerance) return SourcePosition{frame, frame, 0};
  return SourcePosition{frame, frame + 1, weight};
}

std::vector<LayerInstance> layer_instances(const Edit& edit, int layers, int source_frames) {
  std::vector<std::vector<LayerInstance>> by_layer;
  for (int layer = 0; layer < layers; ++layer) {
    const Outside outside = layer == 0 ? Outside::kHold : Outside::kAbsent;
    by_layer.push_back({LayerInstance{layer, TimeMap(source_frames, outside), 1.0}});
  }
  for (const LayerEdit& step : edit.edits)
    for (const int layer : step.layers) apply(by_layer.at(static_cast<std::size_t>(layer)), step.verb);
  std::vector<LayerInstance> all;
  for (auto& instances : by_layer) std::move(instances.begin(), instances.end(), std::back_inserter(all));
  return all;
}

}  // namespace retime

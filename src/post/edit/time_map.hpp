#pragma once

#include <optional>
#include <vector>

#include "post/edit/edit.hpp"

namespace retime {

/// Where a layer is taken from: between source frames `frame` and `next` (equal unless blended), `weight` of `next`.
struct SourcePosition {
  int frame = 0;
  int next = 0;
  double weight = 0;
  bool operator==(const SourcePosition&) const = default;
};

/// Output frame -> source frame of one layer instance: a chain of edits, the last one asked first.
class TimeMap {
 public:
  explicit TimeMap(int source_frames, Outside outside = Outside::kAbsent);

  /// Puts one more edit on top: what the map showed at time t is the verb's input. Duplicate acts as its offset.
  void apply(const Verb& verb);

  /// The source position shown at output time `t` (frames); nothing when the layer is absent.
  std::optional<SourcePosition> operator()(double t) const;

 private:
  std::optional<SourcePosition> sample(double position) const;

  int source_frames_;
  Outside outside_;
  Sampling sampling_ = Sampling::kNearest;
  std::vector<Verb> chain_;
};

/// One appearance of a layer in the output; a layer that is duplicated has several.
struct LayerInstance {
  int layer = 0;
  TimeMap time;
  double opacity = 1;
};

/// The instances of all layers under `edit`, layer by layer, the original before its copies. Throws Error if one layer
/// has thousands.
std::vector<LayerInstance> layer_instances(const Edit& edit, int layers, int source_frames);

}  // namespace retime

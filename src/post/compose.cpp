#include "post/compose.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "core/error.hpp"
#include "post/composite.hpp"
#include "post/layer_order.hpp"
#include "post/time_map.hpp"

namespace retime {
namespace {

/// An instance as one output frame shows it.
struct Shown {
  int layer;
  SourcePosition position;
  double opacity;
  int nearest_frame() const { return position.weight < 0.5 ? position.frame : position.next; }
};

/// Pictures of the latest output frame, so that a frame that goes on being shown is not read again.
class LayerCache {
 public:
  explicit LayerCache(LayerSource& source) : source_(source) {}

  /// The picture of an instance; valid until end_frame().
  const Image& get(const Shown& shown) {
    const SourcePosition& at = shown.position;
    const Image& first = read(shown.layer, at.frame);
    if (at.weight == 0) return first;
    blends_.push_back(std::make_unique<Image>(blend_premultiplied(first, read(shown.layer, at.next), at.weight)));
    return *blends_.back();
  }

  void end_frame() {
    std::erase_if(entries_, [](const auto& entry) { return !entry.second.used; });
    for (auto& [key, entry] : entries_) entry.used = false;
    blends_.clear();
  }

  int reads() const { return reads_; }

 private:
  struct Entry {
    Image image;
    bool used = false;
  };

  const Image& read(int layer, int frame) {
    const auto [found, added] = entries_.try_emplace({layer, frame});
    Entry& entry = found->second;
    if (added) {
      source_.read(frame, layer, entry.image);
      ++reads_;
    }
    entry.used = true;
    return entry.image;
  }

  LayerSource& source_;
  std::map<std::pair<int, int>, Entry> entries_;
  std::vector<std::unique_ptr<Image>> blends_;
  int reads_ = 0;
};

/// What output frame `t` shows, back to front: the background first, then the objects by depth.
std::vector<Shown> shown_at(int t, const std::vector<LayerInstance>& instances, LayerSource& source) {
  std::vector<Shown> background;
  std::vector<Shown> objects;
  for (const LayerInstance& instance : instances) {
    const auto position = instance.time(t);
    if (!position || instance.opacity <= 0) continue;
    (instance.layer == 0 ? background : objects).push_back({instance.layer, *position, instance.opacity});
  }
  std::vector<OrderedInstance> depths;
  for (const Shown& shown : objects)
    depths.push_back(
        {shown.layer, source.order(shown.nearest_frame()), source.ground_contact(shown.nearest_frame(), shown.layer)});
  std::vector<Shown> sorted(background.rbegin(), background.rend());
  for (const int i : back_to_front(depths)) sorted.push_back(objects[static_cast<std::size_t>(i)]);
  return sorted;
}

/// Differences of output frames from reference frames.
class Comparison {
 public:
  void add(int frame, const Image& output, const Image& reference) {
    if (reference.size != output.size || reference.channels != output.channels)
      throw Error("the reference of frame " + std::to_string(frame) + " does not fit (" + size_text(reference.size) +
                  ", the output is " + size_text(output.size) + "): give it at the output's size, as RGB");
    int max = 0;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < output.pixels.size(); ++i) {
      const int difference = std::abs(output.pixels[i] - reference.pixels[i]);
      max = std::max(max, difference);
      sum += difference;
    }
    if (max > result_.max) {
      result_.max = max;
      result_.worst_frame = frame;
    }
    sum_ += static_cast<double>(sum) / static_cast<double>(output.pixels.size());
    ++result_.frames;
  }

  std::optional<ComposeDifference> result() const {
    if (result_.frames == 0) return std::nullopt;
    ComposeDifference difference = result_;
    difference.mean = sum_ / result_.frames;
    return difference;
  }

 private:
  ComposeDifference result_;
  double sum_ = 0;
};

}  // namespace

EditContext edit_context(const LayerSourceInfo& info) { return {info.layer_names, info.frames, info.rate}; }

int output_frames(const Edit& edit, const LayerSourceInfo& info) { return edit.output_frames.value_or(info.frames); }

ComposeReport compose(LayerSource& source, const Edit& edit, FrameSink& sink, const ComposeOptions& options) {
  const LayerSourceInfo& info = source.info();
  if (info.frames < 1) throw Error("nothing to compose (the layers have no frames): render the layers first");
  const auto instances = layer_instances(edit, static_cast<int>(info.layer_names.size()), info.frames);
  const int total = output_frames(edit, info);
  LayerCache cache(source);
  Comparison comparison;
  Image rgb;
  Image reference;
  for (int frame = 0; frame < total; ++frame) {
    std::vector<CompositeLayer> layers;
    for (const Shown& shown : shown_at(edit.loop ? frame % info.frames : frame, instances, source))
      layers.push_back({&cache.get(shown), static_cast<float>(shown.opacity)});
    composite(layers, info.size, rgb, options.threads);
    cache.end_frame();
    if (options.reference && options.reference(frame, reference)) comparison.add(frame, rgb, reference);
    sink.add(rgb);
    if (options.progress) options.progress(frame + 1, total);
  }
  sink.finish();
  return {total, cache.reads(), comparison.result()};
}

}  // namespace retime

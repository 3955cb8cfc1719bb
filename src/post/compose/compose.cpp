#include "post/compose/compose.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/error.hpp"
#include "format/composite.hpp"
#include "post/compose/layer_source.hpp"
#include "post/compose/shown_layers.hpp"
#include "post/edit/time_map.hpp"

namespace retime {
namespace {

/// The pictures of one output frame, back to front. `view` is the source frame whose camera and light it has.
std::vector<ShownPicture> pictures(const std::vector<ShownLayer>& shown, int view, bool camera_moves,
                                   LayerCache& cache) {
  std::vector<ShownPicture> layers;
  const SourcePosition own{view, view, 0};
  for (const ShownLayer& s : shown) {
    // What a background of another time does not show of this view is taken from the view's own.
    if (s.layer == 0 && camera_moves && layers.empty() && !(s.position == own))
      layers.push_back({&cache.get(0, own, view), static_cast<float>(s.opacity), 0, true});
    layers.push_back(
        {&cache.get(s.layer, s.position, view), static_cast<float>(s.opacity), s.layer, s.position == own});
  }
  return layers;
}

void composite_pictures(const std::vector<ShownPicture>& pictures, Size size, Image& rgb, int threads) {
  std::vector<CompositeLayer> layers;
  for (const ShownPicture& picture : pictures) layers.push_back({picture.rgba, picture.opacity});
  composite(layers, size, rgb, threads);
}

/// Differences of output frames from reference frames.
class Comparison {
 public:
  void add(int frame, const Image& output, const Image& reference) {
    if (reference.size != output.size || reference.channels != output.channels)
      throw Error(
          fmt::format("the reference of frame {} does not fit ({}, the output is {}): give it at the output's size, as "
                      "RGB",
                      frame, size_text(reference.size), size_text(output.size)));
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

std::optional<ComposeDifference> over_all_parts(const std::optional<ComposeDifference>& own, const FrameParts& parts) {
  // A row for each process: frames, sum of the frames' means, the largest difference and where it is.
  constexpr std::size_t kValues = 4;
  std::vector<double> all(kValues * static_cast<std::size_t>(parts.parts));
  double* row = all.data() + kValues * static_cast<std::size_t>(parts.part);
  if (own) {
    row[0] = own->frames;
    row[1] = own->mean * own->frames;
    row[2] = own->max;
    row[3] = own->worst_frame;
  }
  parts.sum(all);
  ComposeDifference result;
  double sum = 0;
  for (std::size_t i = 0; i < all.size(); i += kValues) {
    result.frames += static_cast<int>(all[i]);
    sum += all[i + 1];
    const int max = static_cast<int>(all[i + 2]), frame = static_cast<int>(all[i + 3]);
    if (max < result.max || (max == result.max && (max == 0 || frame >= result.worst_frame))) continue;
    result.max = max;
    result.worst_frame = frame;
  }
  if (result.frames == 0) return std::nullopt;
  result.mean = sum / result.frames;
  return result;
}

void ComposeOptions::add_to(OptionTable& table) {
  table.add("compose", "compose-threads", threads, "threads of the compositor");
  table.add_choice("compose", "grain", grain, kGrains,
                   "what is laid in where the output shows background that the frame did not");
}

void ComposeOptions::validate() const {
  if (threads < 1) throw UsageError("compose-threads must be at least 1: see --help");
}

ComposeReport compose(LayerSource& source, const Edit& edit, FrameSink& sink, const ComposeOptions& options,
                      const ComposeHooks& hooks) {
  const LayerSourceInfo& info = source.info();
  if (info.frames < 1) throw Error("nothing to compose (the layers have no frames): render the layers first");
  const auto instances = layer_instances(edit, static_cast<int>(info.layer_names.size()), info.frames);
  const int total = output_frames(edit, info);
  LayerCache cache(source, options.threads);
  std::optional<ResidualPass> residual;
  if (info.has_residual) residual.emplace(source, cache, options.grain, options.threads);
  Comparison comparison;
  Image rgb;
  Image reference;
  const auto make = [&](int frame) {
    const int t = edit.loop ? frame % info.frames : frame, view = std::min(t, info.frames - 1);
    const auto layers = pictures(shown_at(t, instances, source), view, !info.frame_from_plane.empty(), cache);
    composite_pictures(layers, info.size, rgb, options.threads);
    if (residual) residual->add(layers, frame, view, rgb);
    cache.end_frame();
    if (hooks.reference && hooks.reference(frame, reference)) comparison.add(frame, rgb, reference);
  };
  for (int frame = 0; frame < total; ++frame) {
    const bool own = !hooks.makes || hooks.makes(frame);
    if (own)
      make(frame);
    else if (hooks.fetch)
      hooks.fetch(frame, rgb);
    own || hooks.fetch ? sink.add(rgb) : sink.skip();
    if (hooks.progress) hooks.progress(frame + 1, total);
  }
  sink.finish();
  return {total, cache.reads(), comparison.result()};
}

}  // namespace retime

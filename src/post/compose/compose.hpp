#pragma once

#include <functional>
#include <optional>

#include "core/options.hpp"
#include "post/compose/layer_source.hpp"
#include "post/compose/residual_pass.hpp"
#include "post/compose/shares.hpp"
#include "post/edit/edit.hpp"
#include "post/video/frame_sink.hpp"

namespace retime {

struct ComposeOptions {
  int threads = 2;  ///< of the compositor
  Grain grain = Grain::kMatch;

  void add_to(OptionTable& table);
  /// Throws UsageError for a value outside its range.
  void validate() const;
};

/// What a program has to do with the frames on their way.
struct ComposeHooks {
  std::function<void(int done, int total)> progress;     ///< called after each output frame
  std::function<bool(int frame, Image& rgb)> reference;  ///< picture to compare output `frame` with; false = none
  std::function<bool(int frame)> makes;                  ///< output frames that this process composes; empty: all
  /// Gets an output frame that another process composed; empty: the sink skips those.
  std::function<void(int frame, Image& rgb)> fetch;
};

/// Difference of the output from the reference, in levels of 255.
struct ComposeDifference {
  int max = 0;
  int worst_frame = 0;  ///< the first output frame that has `max`
  double mean = 0;      ///< absolute, over all pixels and channels of the frames compared
  int frames = 0;       ///< compared
};

struct ComposeReport {
  int frames = 0;
  int layer_reads = 0;  ///< how often a layer's picture was read from the source
  std::optional<ComposeDifference> difference;
};

/// How an edit for these layers is to be read.
EditContext edit_context(const LayerSourceInfo& info);

/// Number of output frames of `edit`.
int output_frames(const Edit& edit, const LayerSourceInfo& info);

/// The difference over the frames of all processes, which all call it, each with that of the frames that it composed.
std::optional<ComposeDifference> over_all_parts(const std::optional<ComposeDifference>& own, const FrameParts& parts);

/// Composites every output frame of `edit` into `sink` and finishes it; adds what the layers miss of the clip's frames
/// where they come with it (see ResidualPass). Camera and light are those of the source frame with the output frame's
/// number (the last one in a longer output): layers of other frames are adapted. A layer's picture is read only where
/// it is shown or, beside a residual, was moved away from; a frozen one is read once. Throws whatever the source and
/// the sink throw.
ComposeReport compose(LayerSource& source, const Edit& edit, FrameSink& sink, const ComposeOptions& options = {},
                      const ComposeHooks& hooks = {});

}  // namespace retime

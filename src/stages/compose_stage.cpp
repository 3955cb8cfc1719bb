#include "stages/compose_stage.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
#include "media/picture.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/frame_relay.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// Passes frames on to a file and shows them to somebody on the way. Who does not own the file does not complete it.
class WatchedSink final : public FrameSink {
 public:
  WatchedSink(FrameSink& file, bool completes, const std::function<void(int, const Image&)>& watch)
      : file_(file), completes_(completes), watch_(watch) {}
  void add(const Image& rgb) override {
    if (watch_) watch_(frame_, rgb);
    file_.add(rgb);
    ++frame_;
  }
  void skip() override {
    file_.skip();
    ++frame_;
  }
  void finish() override {
    if (completes_) file_.finish();
  }

 private:
  FrameSink& file_;
  bool completes_;
  const std::function<void(int, const Image&)>& watch_;
  int frame_ = 0;
};

bool is_folder(const fs::path& output) { return output.filename().empty() || fs::is_directory(output); }

void check_output(const LayersFileSource& source, const fs::path& output) {
  is_folder(output) ? make_folder(output) : check_writable(output);
  const fs::path clip = source.layers().source.path;
  if (fs::exists(output) && fs::exists(clip) && fs::equivalent(output, clip))
    throw Error("the video would replace the clip " + output.string() + ": name another file with --output");
}

SceneReader open_reference(const std::string& scene, const LayersFileSource& source) {
  SceneReader frames(scene);
  if (frames.info().full_size() != source.info().size)
    throw Error("the scene's frames and the layers differ in size: name the scene that the layers were made from");
  return frames;
}

std::unique_ptr<FrameSink> open_output(const LayersFileSource& source, const fs::path& output,
                                       VideoWriterOptions options) {
  options.audio = source.info().audio;
  return make_frame_sink(output, source.info().size, source.info().rate, options);
}

// Ranks write PNG frames themselves; those of a video go to rank 0, which has the file.
ComposeReport share_frames(LayersFileSource& source, const Edit& edit, std::unique_ptr<FrameSink> file,
                           const ComposeOptions& options, ComposeHooks hooks, const Communicator& communicator,
                           const std::function<void(int, const Image&)>& watch) {
  const FrameParts parts = frame_parts(communicator);
  hooks.makes = [&](int frame) { return parts.turn_of(frame) == parts.part; };
  const bool has_own_files = communicator.all_reduce(file ? 0 : 1, Reduction::kMax) == 0;
  std::optional<FrameRelay> relay;
  if (!has_own_files && communicator.size() > 1) relay.emplace(communicator, source.info().size);
  if (relay && communicator.is_root()) hooks.fetch = [&](int frame, Image& rgb) { relay->fetch(frame, rgb); };
  if (!file) file = relay->sink();
  WatchedSink sink(*file, !has_own_files || communicator.is_root(), watch);
  try {
    const auto report = compose(source, edit, sink, options, hooks);
    communicator.barrier();
    return report;
  } catch (const std::exception& error) {
    if (relay && !communicator.is_root()) relay->report_failure(error.what());
    throw;
  }
}

void report_difference(const ComposeDifference& difference) {
  log_info(fmt::format("difference from the clip's frames: mean {:.4f}, largest {} of 255 levels (frame {})",
                       difference.mean, difference.max, difference.worst_frame));
}

// 128 stands for nothing.
void export_residuals(const LayersReader& layers, const fs::path& folder, const Communicator& communicator) {
  make_folder(folder);
  FrameResidual residual;
  Image rgb(layers.info().size, 3);
  for (int frame = communicator.rank(); frame < layers.info().frame_count; frame += communicator.size()) {
    layers.read_residual(frame, residual);
    std::transform(residual.values.begin(), residual.values.end(), rgb.pixels.begin(),
                   [](std::int8_t value) { return static_cast<std::uint8_t>(value + 128); });
    write_png(folder / frame_file_name(frame), rgb);
  }
}

// Pictures are shared out one by one.
void export_png(const LayersReader& layers, const fs::path& folder, const Communicator& communicator) {
  const int count = layers.info().layer_count(), frames = layers.info().frame_count;
  Progress progress("export", "pictures", static_cast<std::int64_t>(count) * frames, communicator.is_root());
  Image rgba;
  for (int layer = 0; layer < count; ++layer) {
    const auto layer_folder = folder / fmt::format("layer_{:02}", layer);
    make_folder(layer_folder);
    for (int frame = communicator.rank(); frame < frames; frame += communicator.size()) {
      layers.read(frame, layer, rgba);
      write_png(layer_folder / frame_file_name(frame), rgba);
      progress.update(static_cast<std::int64_t>(layer) * frames + frame + 1);
    }
  }
  if (layers.info().has_residual) export_residuals(layers, folder / "residual", communicator);
  communicator.barrier();
  progress.update(static_cast<std::int64_t>(count) * frames);
}

}  // namespace

void ComposeSettings::add_to(OptionTable& table) {
  video.add_to(table);
  compose.add_to(table);
}

void ComposeSettings::validate() const {
  video.validate();
  compose.validate();
}

void compose_stage(const fs::path& layers, const std::string& edit_file, const fs::path& output,
                   const ComposeSettings& settings, const std::string& scene, const Communicator& communicator) {
  std::optional<LayersFileSource> source;
  Edit edit;
  run_on_all_ranks(communicator, [&] {
    source.emplace(layers);
    if (!edit_file.empty()) edit = load_edit(edit_file, edit_context(source->info()));
  });
  compose_video(*source, edit, output, settings, scene, communicator);
}

std::optional<ComposeDifference> compose_video(LayersFileSource& source, const Edit& edit, const fs::path& output,
                                               const ComposeSettings& settings, const std::string& scene,
                                               const Communicator& communicator,
                                               const std::function<void(int frame, const Image& rgb)>& watch) {
  const Phase phase("composing", Patience::kLong);
  std::optional<SceneReader> frames;
  std::unique_ptr<FrameSink> file;
  run_on_all_ranks(communicator, [&] {
    if (communicator.is_root()) check_output(source, output);
    if (!scene.empty()) frames.emplace(open_reference(scene, source));
    if (communicator.is_root() || is_folder(output)) file = open_output(source, output, settings.video);
  });
  ComposeHooks hooks;
  Progress progress("compose " + (is_folder(output) ? output : output.filename()).string(), "frames",
                    output_frames(edit, source.info()), communicator.is_root());
  hooks.progress = [&](int done, int) { progress.update(done); };
  if (frames)
    hooks.reference = [&](int frame, Image& rgb) {
      if (frame >= frames->info().frame_count) return false;
      rgb = frames->read_full(frame);
      return true;
    };
  const auto report = share_frames(source, edit, std::move(file), settings.compose, hooks, communicator, watch);
  const auto difference = over_all_parts(report.difference, frame_parts(communicator));
  if (difference && communicator.is_root()) report_difference(*difference);
  return difference;
}

void export_stage(const fs::path& layers, const fs::path& folder, const Communicator& communicator) {
  const Phase phase("exporting", Patience::kLong);
  std::optional<LayersReader> reader;
  run_on_all_ranks(communicator, [&] {
    reader.emplace(layers);
    make_folder(folder);
  });
  export_png(*reader, folder, communicator);
}

}  // namespace retime

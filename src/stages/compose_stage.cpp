#include "stages/compose_stage.hpp"

#include <cstdio>
#include <optional>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "dist/rank_agreement.hpp"
#include "format/scene.hpp"
#include "post/compose/compose.hpp"
#include "stages/frame_relay.hpp"
#include "stages/rank_parts.hpp"

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
                                       const ComposeSettings& settings) {
  VideoWriterOptions video;
  video.crf = settings.crf;
  video.preset = settings.preset;
  video.audio = source.info().audio;
  return make_frame_sink(output, source.info().size, source.info().rate, video);
}

// Ranks write PNG frames themselves; those of a video go to rank 0, which has the file.
ComposeReport share_frames(LayersFileSource& source, const Edit& edit, std::unique_ptr<FrameSink> file,
                           ComposeOptions options, const Communicator& communicator,
                           const std::function<void(int, const Image&)>& watch) {
  const FrameParts parts = frame_parts(communicator);
  options.makes = [&](int frame) { return parts.turn_of(frame) == parts.part; };
  const bool has_own_files = communicator.all_reduce(file ? 0 : 1, Reduction::kMax) == 0;
  FrameRelay relay(communicator, source.info().size);
  if (!has_own_files && communicator.is_root()) options.fetch = [&](int frame, Image& rgb) { relay.fetch(frame, rgb); };
  if (!file) file = relay.sink();
  WatchedSink sink(*file, !has_own_files || communicator.is_root(), watch);
  try {
    const auto report = compose(source, edit, sink, options);
    communicator.barrier();
    return report;
  } catch (const std::exception& error) {
    if (!has_own_files && !communicator.is_root()) relay.report_failure(error.what());
    throw;
  }
}

void report_difference(const ComposeDifference& difference) {
  char text[160];
  std::snprintf(text, sizeof text, "difference from the clip's frames: mean %.4f, largest %d of 255 levels (frame %d)",
                difference.mean, difference.max, difference.worst_frame);
  log_info(text);
}

}  // namespace

void ComposeSettings::add_to(OptionTable& table) {
  const std::string section = "compose";
  table.add(section, "crf", crf, "quality of H.264, 0 (lossless) to 51; lower is better");
  table.add(section, "preset", preset, "x264's preset, ultrafast to veryslow");
  table.add(section, "compose-threads", threads, "threads of the compositor");
}

void ComposeSettings::validate() const {
  VideoWriterOptions options;
  options.crf = crf;
  options.preset = preset;
  options.validate();
  if (threads < 1) throw UsageError("compose-threads must be at least 1: see --help");
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
    if (communicator.is_root() || is_folder(output)) file = open_output(source, output, settings);
  });
  ComposeOptions options;
  options.threads = settings.threads;
  Progress progress("compose " + (is_folder(output) ? output : output.filename()).string(), "frames",
                    output_frames(edit, source.info()), communicator.is_root());
  options.progress = [&](int done, int) { progress.update(done); };
  if (frames)
    options.reference = [&](int frame, Image& rgb) {
      if (frame >= frames->info().frame_count) return false;
      rgb = frames->read_full(frame);
      return true;
    };
  const auto report = share_frames(source, edit, std::move(file), options, communicator, watch);
  const auto difference = over_all_parts(report.difference, frame_parts(communicator));
  if (difference && communicator.is_root()) report_difference(*difference);
  return difference;
}

}  // namespace retime

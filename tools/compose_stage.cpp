#include "tools/compose_stage.hpp"

#include <cstdio>
#include <optional>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "core/scene.hpp"
#include "post/compose.hpp"
#include "post/png_folder_writer.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// Passes frames on to a file and shows them to somebody on the way.
class WatchedSink final : public FrameSink {
 public:
  WatchedSink(FrameSink& file, const std::function<void(int, const Image&)>& watch) : file_(file), watch_(watch) {}
  void add(const Image& rgb) override {
    if (watch_) watch_(frame_, rgb);
    file_.add(rgb);
    ++frame_;
  }
  void finish() override { file_.finish(); }

 private:
  FrameSink& file_;
  const std::function<void(int, const Image&)>& watch_;
  int frame_ = 0;
};

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
                   const ComposeSettings& settings, const std::string& scene) {
  LayersFileSource source(layers);
  const Edit edit = edit_file.empty() ? Edit{} : load_edit(edit_file, edit_context(source.info()));
  compose_video(source, edit, output, settings, scene);
}

std::optional<ComposeDifference> compose_video(LayersFileSource& source, const Edit& edit, const fs::path& output,
                                               const ComposeSettings& settings, const std::string& scene,
                                               const std::function<void(int frame, const Image& rgb)>& watch) {
  const bool folder = output.filename().empty() || fs::is_directory(output);
  folder ? make_folder(output) : check_writable(output);
  const fs::path clip = source.layers().source.path;
  if (fs::exists(output) && fs::exists(clip) && fs::equivalent(output, clip))
    throw Error("the video would replace the clip " + output.string() + ": name another file with --output");
  VideoWriterOptions video;
  video.crf = settings.crf;
  video.preset = settings.preset;
  video.audio = source.info().audio;
  const auto file = make_frame_sink(output, source.info().size, source.info().rate, video);
  WatchedSink sink(*file, watch);

  ComposeOptions options;
  options.threads = settings.threads;
  Progress progress("compose " + (folder ? output : output.filename()).string(), "frames",
                    output_frames(edit, source.info()));
  options.progress = [&](int done, int) { progress.update(done); };
  std::optional<SceneReader> frames;
  if (!scene.empty()) {
    frames.emplace(scene);
    if (frames->info().full_size() != source.info().size)
      throw Error("the scene's frames and the layers differ in size: name the scene that the layers were made from");
    options.reference = [&](int frame, Image& rgb) {
      if (frame >= frames->info().frame_count) return false;
      rgb = frames->read_full(frame);
      return true;
    };
  }
  const auto report = compose(source, edit, sink, options);
  if (report.difference) report_difference(*report.difference);
  return report.difference;
}

}  // namespace retime

#include "post/score/score.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "core/error.hpp"
#include "media/picture.hpp"
#include "post/compose/compose.hpp"
#include "post/score/metrics.hpp"

namespace retime {
namespace {

constexpr int kChangedLevels = 2;

/// Looks at this process's share of a video as it plays, and at the frame before it, which flicker needs.
class ShareSink : public FrameSink {
 public:
  ShareSink(int frames, const FrameParts& parts) : parts_(parts) {
    std::tie(first_, last_) = parts.range(frames);
    if (parts.part == parts.parts - 1) last_ = std::numeric_limits<int>::max();  // An edit may be longer than the clip.
  }
  void add(const Image& rgb) final {
    frame_ < first_ ? look_ahead(frame_, rgb) : look(frame_, rgb);
    ++frame_;
  }
  void skip() final { ++frame_; }
  void finish() override {}
  /// Shows the sink what it wants to see; false if there is no such video.
  bool watch(ScoredVideos& videos, const VideoRequest& video) {
    return videos.play(video, first_ < last_ ? std::max(first_ - 1, 0) : first_, last_, *this);
  }

 protected:
  virtual void look_ahead(int frame, const Image& rgb) = 0;
  virtual void look(int frame, const Image& rgb) = 0;
  const FrameParts& parts() const { return parts_; }

 private:
  const FrameParts& parts_;
  int first_ = 0, last_ = 0, frame_ = 0;
};

/// Compares a video with its truth as it plays.
class ScoringSink final : public ShareSink {
 public:
  using Region = std::function<std::optional<Image>(int frame, const Image& truth)>;

  ScoringSink(int frames, const FrameParts& parts, FrameReader truth, Region region)
      : ShareSink(frames, parts), truth_(std::move(truth)), region_(std::move(region)) {}

  /// The score of all processes' frames.
  VideoScore score(const VideoRequest& video) {
    join();
    VideoScore score;
    score.video = video;
    score.psnr = error_.psnr();
    if (frames_ > 0) score.ssim = ssim_ / frames_;
    score.psnr_region = region_error_.psnr();
    if (video.kind == VideoKind::kBackground || video.kind == VideoKind::kSolo) score.flicker = flicker_.value();
    score.largest_difference = difference_.max();
    score.mean_difference = difference_.mean();
    score.worst_frame = difference_.worst_frame();
    return score;
  }

 private:
  void look_ahead(int frame, const Image& rgb) override {
    const Image truth = truth_(frame);
    flicker_.start(rgb, &truth);
  }
  void look(int frame, const Image& rgb) override {
    const Image truth = truth_(frame);
    error_.add(rgb, truth);
    ssim_ += ssim(rgb, truth);
    difference_.add(frame, rgb, truth);
    flicker_.add(rgb, &truth);
    if (const auto region = region_(frame, truth)) region_error_.add(rgb, truth, &*region);
    ++frames_;
  }
  void join() {
    error_.sum_over(parts());
    region_error_.sum_over(parts());
    difference_.sum_over(parts());
    flicker_.sum_over(parts());
    double values[] = {ssim_, frames_};
    parts().sum(values);
    std::tie(ssim_, frames_) = std::pair(values[0], values[1]);
  }

  FrameReader truth_;
  Region region_;
  SquaredError error_, region_error_;
  LevelDifference difference_;
  Flicker flicker_;
  double ssim_ = 0, frames_ = 0;
};

/// Measures how much a video without truth changes from frame to frame.
class FlickerSink final : public ShareSink {
 public:
  using ShareSink::ShareSink;
  std::optional<double> value() {
    flicker_.sum_over(parts());
    return flicker_.value();
  }

 private:
  void look_ahead(int, const Image& rgb) override { flicker_.start(rgb); }
  void look(int, const Image& rgb) override { flicker_.add(rgb); }

  Flicker flicker_;
};

// The pixels that a video's second PSNR is about.
ScoringSink::Region region_of(const VideoRequest& video, const TruthFolder& truth, const EverCovered& covered) {
  if (video.kind == VideoKind::kReconstruction) return [](int, const Image&) { return std::nullopt; };
  if (video.kind == VideoKind::kBackground) return [&](int frame, const Image&) { return covered.mask(frame); };
  return [&](int frame, const Image& shown) {
    return differs(shown, truth.clean(std::min(frame, truth.info().frames - 1)), kChangedLevels);
  };
}

void check_fits(const LayerSourceInfo& layers, const TruthFolder& truth) {
  const TruthInfo& info = truth.info();
  if (layers.size == info.size && layers.frames == info.frames) return;
  throw Error(fmt::format(
      "the layers do not fit the truth ({} frames of {}, the truth has {} of {}): prepare the folder {} with "
      "--size {}, and --scale 2: layers are twice that",
      layers.frames, size_text(layers.size), info.frames, size_text(info.size), truth.path().string(),
      size_text(info.training_size)));
}

std::vector<std::string> truth_names(const TruthFolder& truth, const std::vector<int>& layer_of_object) {
  std::vector<std::string> names(layer_of_object.size() + 1, "background");
  for (std::size_t i = 0; i < layer_of_object.size(); ++i)
    names[static_cast<std::size_t>(layer_of_object[i])] = truth.info().objects[i];
  return names;
}

bool is_removed(const VideoRequest& video, const std::string& layer) {
  switch (video.kind) {
    case VideoKind::kBackground:
      return true;
    case VideoKind::kSolo:
      return layer != video.name;
    case VideoKind::kWithout:
      return layer == video.name;
    default:
      return false;
  }
}

Edit removal(const VideoRequest& video, const std::vector<std::string>& names) {
  Edit edit;
  for (std::size_t layer = 1; layer < names.size(); ++layer)
    if (is_removed(video, names[layer])) edit.edits.push_back({{static_cast<int>(layer)}, Remove{}});
  return edit;
}

}  // namespace

const VideoScore* Score::find(VideoKind video_kind) const {
  for (const auto& video : videos)
    if (video.video.kind == video_kind) return &video;
  return nullptr;
}

std::vector<VideoScore> score_videos(ScoredVideos& videos, const TruthFolder& truth,
                                     const std::optional<CameraPath>& camera,
                                     const std::function<void(const std::string&)>& progress, const FrameParts& parts) {
  const EverCovered covered(truth, camera, parts);
  std::vector<VideoScore> scores;
  for (const VideoRequest& video : truth.videos()) {
    if (progress) progress(video.folder());
    ScoringSink sink(
        truth.info().frames, parts, [&](int frame) { return truth.video_frame(video, frame); },
        region_of(video, truth, covered));
    if (sink.watch(videos, video)) scores.push_back(sink.score(video));
  }
  return scores;
}

Score score_with_truth(LayerSource& source, const TruthFolder& truth, const std::optional<CameraPath>& camera,
                       const std::function<void(const std::string&)>& progress, const FrameParts& parts) {
  check_fits(source.info(), truth);
  const auto layer_of_object = match_layers(source, truth);
  LayerVideos videos(source, truth_names(truth, layer_of_object), truth.edits());
  Score score;
  score.kind = truth.info().kind;
  score.seed = truth.info().seed;
  score.size = truth.info().size;
  score.frames = truth.info().frames;
  score.has_truth = true;
  score.videos = score_videos(videos, truth, camera, progress, parts);
  if (progress) progress("layers");
  score.objects = score_layers(source, truth, layer_of_object, parts);
  return score;
}

Score score_without_truth(LayerSource& source, const FrameReader& recorded, bool moving_camera,
                          const FrameParts& parts) {
  Score score;
  score.size = source.info().size;
  score.frames = source.info().frames;
  LayerVideos videos(source, source.info().layer_names, {});
  if (recorded) {
    const VideoRequest whole{VideoKind::kReconstruction, ""};
    ScoringSink sink(score.frames, parts, recorded, [](int, const Image&) { return std::nullopt; });
    sink.watch(videos, whole);
    score.videos.push_back(sink.score(whole));
  }
  if (!moving_camera) {
    VideoScore background;
    background.video = {VideoKind::kBackground, ""};
    FlickerSink sink(score.frames, parts);
    sink.watch(videos, background.video);
    background.flicker = sink.value();
    score.videos.push_back(background);
  }
  score.clutter = alpha_clutter(source, parts);
  return score;
}

Edit video_edit(const VideoRequest& video, const EditContext& context, const std::filesystem::path& edits) {
  if (video.kind == VideoKind::kEdit) return load_edit(edits / (video.name + ".json"), context);
  return removal(video, context.layer_names);
}

LayerVideos::LayerVideos(LayerSource& source, std::vector<std::string> names, std::filesystem::path edits)
    : source_(source), names_(std::move(names)), edits_(std::move(edits)) {}

bool LayerVideos::play(const VideoRequest& video, int first, int last, FrameSink& sink) {
  EditContext context = edit_context(source_.info());
  context.layer_names = names_;
  ComposeHooks hooks;
  hooks.makes = [=](int frame) { return frame >= first && frame < last; };
  compose(source_, video_edit(video, context, edits_), sink, {.grain = Grain::kNone}, hooks);
  return true;
}

bool VideoFolder::play(const VideoRequest& video, int first, int last, FrameSink& sink) {
  const auto frames = folder_ / video.folder();
  if (!std::filesystem::is_directory(frames)) return false;
  for (int t = 0; t < frames_; ++t)
    t >= first&& t < last ? sink.add(read_picture(frames / frame_file_name(t), size_, 3)) : sink.skip();
  sink.finish();
  return true;
}

}  // namespace retime

#include "data/background/plate.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "core/error.hpp"
#include "core/progress.hpp"
#include "data/background/lighting.hpp"
#include "data/background/plate_median.hpp"
#include "data/matting/effect_regions.hpp"

namespace retime {
namespace {

constexpr int kThumbnailWidth = 128;
constexpr int kReachScale = 4;   // distances are measured on smaller pictures
constexpr int kRowsAtOnce = 32;  // of medians between two signs of progress, at least

/// Tells how far the plate is, in steps that take about the same time: a sample becomes a thumbnail in one, is read in
/// two, and its share of the medians, which threads divide, takes ten over their number.
class PlateProgress {
 public:
  PlateProgress(int samples, int readings, int rows, bool show)
      : medians_(std::int64_t{samples} * std::max(1, 10 / std::max(1, cv::getNumThreads()))),
        rows_(rows),
        progress_("background", "steps", samples + kReading * readings + medians_, show) {}

  // From any thread.
  void thumbnail() { update(1, 0); }
  void reading() { update(kReading, 0); }
  void rows(int count) { update(0, count); }

 private:
  static constexpr int kReading = 2;

  void update(int steps, int rows) {
    const std::lock_guard lock(telling_);
    made_ += steps;
    rows_done_ += rows;
    progress_.update(made_ + medians_ * rows_done_ / rows_);
  }

  std::int64_t medians_;
  std::mutex telling_;
  int rows_, made_ = 0, rows_done_ = 0;
  Progress progress_;
};

/// Frames that the plate is taken from, and how they are lit.
struct FrameSamples {
  std::vector<int> index;
  std::vector<FrameLighting> lighting;
};

std::vector<int> spread_evenly(int count, int samples) {
  std::vector<int> index;
  const int n = std::min(count, samples);
  for (int i = 0; i < n; ++i) index.push_back(static_cast<int>((2LL * i + 1) * count / (2 * n)));
  return index;
}

/// Marks where shadows of an object may be.
void mark_reach(const BoxMask& mask, cv::Mat& cover) {
  const cv::Size small((cover.cols + kReachScale - 1) / kReachScale, (cover.rows + kReachScale - 1) / kReachScale);
  cv::Mat outside(cover.size(), CV_8U, cv::Scalar(255)), distance, near;
  outside(mask.box).setTo(0, mask.crop());
  cv::resize(outside, outside, small, 0, 0, cv::INTER_AREA);
  cv::distanceTransform(outside > 127, distance, cv::DIST_L2, 3);
  const float reach = effect_reach(mask.box, cover.size(), {});
  cv::resize(distance * kReachScale <= reach, near, cover.size(), 0, 0, cv::INTER_NEAREST);
  cover.setTo(kInReach, near);
}

cv::Mat cover_of(const std::vector<MaskTrack>& tracks, int frame_index, Size size, float margin_fraction) {
  const int margin = cvRound(margin_fraction * static_cast<float>(size.width));
  const cv::Mat mask = union_mask(tracks, frame_index, size);
  const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_RECT, {2 * margin + 1, 2 * margin + 1});
  const cv::Mat thin = cv::getStructuringElement(cv::MORPH_RECT, {5, 5});  // compression smears the edge
  cv::Mat cover = cv::Mat::zeros(mask.size(), CV_8U), wide, edge;
  for (const BoxMask& object : masks_of_frame(tracks, frame_index))
    if (!object.empty()) mark_reach(object, cover);
  cv::dilate(mask, wide, kernel);
  cv::dilate(mask, edge, thin);
  cover.setTo(kNearObject, wide);
  cover.setTo(kObject, edge);
  return cover;
}

/// What a frame and its cover say about `area` of the plate.
PlateSample sample_of(const cv::Mat& frame, const cv::Mat& cover, int frame_index, const CameraPlane& plane,
                      const cv::Rect& area, int interpolation) {
  PlateSample sample;
  sample.box = plane.footprint(frame_index) & area;
  if (sample.box.empty()) return sample;
  sample.color = plane.to_plate(frame, frame_index, sample.box, interpolation);
  sample.cover = plane.to_plate(cover, frame_index, sample.box, cv::INTER_NEAREST);
  if (!plane.moves()) return sample;
  const cv::Mat shown = plane.coverage(frame_index, sample.box);
  sample.cover.setTo(kNearObject, (shown < 255) & (sample.cover < kNearObject));
  sample.cover.setTo(kObject, shown == 0);
  return sample;
}

/// Calls `work` for every sample, several at a time.
void for_samples(const std::vector<int>& index, const std::function<void(std::size_t)>& work) {
  cv::parallel_for_({0, static_cast<int>(index.size())}, [&](const cv::Range& range) {
    for (int s = range.start; s < range.end; ++s) work(static_cast<std::size_t>(s));
  });
}

struct Thumbnails {
  std::vector<cv::Mat> frames, covers;
  CameraPlane plane;
};

Thumbnails make_thumbnails(const FrameSequence& source, const std::vector<MaskTrack>& tracks,
                           const std::vector<int>& index, const CameraPlane& plane, const PlateOptions& options,
                           PlateProgress& progress) {
  const Size size = source.size();
  const int width = std::min(size.width, kThumbnailWidth), height = std::max(1, size.height * width / size.width);
  Thumbnails thumbnails{std::vector<cv::Mat>(index.size()), std::vector<cv::Mat>(index.size()),
                        plane.resized({width, height})};
  for_samples(index, [&](std::size_t s) {
    cv::resize(source.frame(index[s]), thumbnails.frames[s], {width, height}, 0, 0, cv::INTER_AREA);
    cv::resize(cover_of(tracks, index[s], size, options.effect_margin), thumbnails.covers[s], {width, height}, 0, 0,
               cv::INTER_NEAREST);
    progress.thumbnail();
  });
  return thumbnails;
}

/// Lightings of the samples relative to their own median, found on thumbnails by turns.
std::vector<FrameLighting> fit_samples(const FrameSequence& source, const std::vector<MaskTrack>& tracks,
                                       const std::vector<int>& index, const CameraPlane& full_plane,
                                       const PlateOptions& options, PlateProgress& progress) {
  const auto [frames, covers, plane] = make_thumbnails(source, tracks, index, full_plane, options, progress);
  const cv::Rect whole(0, 0, plane.plate_size().width, plane.plate_size().height);
  std::vector<FrameLighting> lighting(index.size());
  std::vector<cv::Mat> unlit = frames;
  for (int round = 0; round < 2; ++round) {
    Plate plate = empty_plate(plane.plate_size());
    std::vector<PlateSample> samples;
    for (std::size_t s = 0; s < index.size(); ++s)
      samples.push_back(sample_of(unlit[s], covers[s], index[s], plane, whole, options.interpolation));
    median_rows(samples, {0, whole.height}, plate);
    for (std::size_t s = 0; s < index.size(); ++s) {
      const cv::Mat usable =
          (covers[s] < kNearObject) & (plane.to_frame(plate.observed, index[s], cv::INTER_LINEAR) == 255);
      const cv::Mat background = plane.to_frame(plate.color, index[s], cv::INTER_CUBIC);
      lighting[s] = fit_lighting(frames[s], background, usable, LightingOptions{});
      unlit[s] = unlit_frame(frames[s], lighting[s]);
    }
  }
  return lighting;
}

/// Rows of the plate whose samples fit into the memory: of a panorama, each frame holds but a part.
int rows_per_strip(const CameraPlane& plane, const std::vector<int>& index, int memory_mib) {
  std::size_t row_bytes = 1;
  for (const int t : index) row_bytes += static_cast<std::size_t>(plane.footprint(t).width) * 4;
  const std::size_t rows = static_cast<std::size_t>(memory_mib) * 1024 * 1024 / row_bytes;
  return static_cast<int>(std::clamp<std::size_t>(rows, 1, static_cast<std::size_t>(plane.plate_size().height)));
}

/// Parts that the plate is made in, one after the other.
std::vector<cv::Rect> strips_of(const CameraPlane& plane, const std::vector<int>& index, int memory_mib) {
  const Size size = plane.plate_size();
  const int step = rows_per_strip(plane, index, memory_mib);
  std::vector<cv::Rect> strips;
  for (int y = 0; y < size.height; y += step) strips.emplace_back(0, y, size.width, std::min(step, size.height - y));
  return strips;
}

int count_readings(const CameraPlane& plane, const std::vector<int>& index, const std::vector<cv::Rect>& strips) {
  int readings = 0;
  for (const cv::Rect& strip : strips)
    for (const int t : index) readings += !(plane.footprint(t) & strip).empty();
  return readings;
}

void read_strip(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const FrameSamples& frames,
                const CameraPlane& plane, const PlateOptions& options, const cv::Rect& area, PlateProgress& progress,
                Plate& plate) {
  std::vector<PlateSample> samples(frames.index.size());
  for_samples(frames.index, [&](std::size_t s) {
    const int t = frames.index[s];
    if ((plane.footprint(t) & area).empty()) return;
    PlateSample& sample = samples[s];
    sample =
        sample_of(unlit_frame(source.frame(t), frames.lighting[s]),
                  cover_of(tracks, t, source.size(), options.effect_margin), t, plane, area, options.interpolation);
    if (!plane.moves()) sample.color = sample.color.clone(), sample.cover = sample.cover.clone();  // not whole frames
    progress.reading();
  });
  std::erase_if(samples, [](const PlateSample& sample) { return sample.box.empty(); });
  const int step = std::max(kRowsAtOnce, 4 * cv::getNumThreads());
  for (int y = area.y; y < area.br().y; y += step) {
    const cv::Range rows(y, std::min(y + step, area.br().y));
    median_rows(samples, rows, plate);
    progress.rows(rows.size());
  }
}

/// The mean of what is known around each pixel, from as near as there is any: by halving and doubling again.
cv::Mat fill_smoothly(const cv::Mat& color, const cv::Mat& weight) {
  cv::Mat normal;
  cv::divide(color, cv::max(weight, 1e-4), normal);
  if (std::max(color.cols, color.rows) <= 2) return normal;
  cv::Mat small_color, small_weight, coarse;
  cv::pyrDown(color, small_color);
  cv::pyrDown(weight, small_weight);
  cv::resize(fill_smoothly(small_color, small_weight), coarse, color.size(), 0, 0, cv::INTER_LINEAR);
  const cv::Mat share = cv::min(weight, 1.0);
  return normal.mul(share) + coarse - coarse.mul(share);
}

/// Fills in what lies outside all frames and returns it. It is never shown, but interpolation at the border reaches
/// there.
cv::Mat fill_outside(const CameraPlane& plane, int frames, Plate& plate) {
  cv::Mat outside(plate.color.size(), CV_8U, cv::Scalar(255));
  for (int t = 0; t < frames; ++t) {
    const cv::Rect box = plane.footprint(t);
    outside(box).setTo(0, plane.coverage(t, box) > 0);
  }
  cv::Mat color, weight, known = plate.observed > 0;
  plate.color.convertTo(color, CV_32F);
  cv::merge(std::vector<cv::Mat>(3, known), weight);
  weight.convertTo(weight, CV_32F, 1.0 / 255.0);
  fill_smoothly(color.mul(weight), weight).convertTo(color, CV_8U);
  color.copyTo(plate.color, outside);
  return outside;
}

void inpaint_hidden(const cv::Mat& hidden, Plate& plate) {
  if (cv::countNonZero(hidden) == 0) return;
  cv::Mat filled;
  cv::inpaint(plate.color, hidden, filled, 4, cv::INPAINT_TELEA);
  plate.color = filled;
}

}  // namespace

Plate estimate_plate(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const PlateOptions& options) {
  return estimate_plate(source, tracks, CameraPlane(source.size()), options);
}

Plate estimate_plate(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const CameraPlane& plane,
                     const PlateOptions& options) {
  if (source.count() < 1) throw Error("no plate can be made (the clip has no frames): give a clip that can be decoded");
  FrameSamples samples{spread_evenly(source.count(), options.samples), {}};
  const auto strips = strips_of(plane, samples.index, options.memory_mib);
  PlateProgress progress(static_cast<int>(samples.index.size()), count_readings(plane, samples.index, strips),
                         plane.plate_size().height, options.show_progress);
  samples.lighting = fit_samples(source, tracks, samples.index, plane, options, progress);
  Plate plate = empty_plate(plane.plate_size());
  for (const cv::Rect& strip : strips) read_strip(source, tracks, samples, plane, options, strip, progress, plate);
  cv::GaussianBlur(plate.noise, plate.noise, {0, 0}, 1.5);
  cv::Mat hidden = plate.observed == 0;
  if (plane.moves()) hidden &= ~fill_outside(plane, source.count(), plate);
  inpaint_hidden(hidden, plate);
  return plate;
}

}  // namespace retime

#include "data/detect/auto_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/progress.hpp"
#include "data/background/lighting.hpp"
#include "data/detect/blob_tracker.hpp"
#include "data/detect/blobs.hpp"
#include "data/detect/bootstrap_plate.hpp"
#include "data/detect/foreground.hpp"

namespace retime {
namespace {

constexpr int kSearchWidth = 800;     // larger pictures are searched at this width
constexpr float kFragment = 0.0003F;  // smallest blob, as a fraction of the picture
constexpr int kChunk = 16;            // frames that are segmented side by side
constexpr float kRoughChange = 25.F;  // levels: surely not background, left out of the fit of the light
constexpr float kStillness = 0.35F;   // of the square root of its area: what moved less was left behind

/// Another sequence at a smaller size.
class ScaledSequence : public FrameSequence {
 public:
  ScaledSequence(const FrameSequence& source, Size size) : source_(source), size_(size) {}
  int count() const override { return source_.count(); }
  Size size() const override { return size_; }
  cv::Mat frame(int index) const override {
    cv::Mat frame = source_.frame(index);
    if (source_.size() != size_) cv::resize(frame, frame, {size_.width, size_.height}, 0, 0, cv::INTER_AREA);
    return frame;
  }

 private:
  const FrameSequence& source_;
  Size size_;
};

Size search_size(Size size) {
  if (size.width <= kSearchWidth) return size;
  return {kSearchWidth, std::max(1, size.height * kSearchWidth / size.width)};
}

/// The plate lit as the frame is, fitted where the frame is not grossly different.
cv::Mat backdrop_of(const cv::Mat& frame, const Plate& plate) {
  LightingOptions options;
  options.field_size = {};
  const cv::Mat rough = lit_plate(plate.color, fit_lighting(frame, plate.color, plate.observed, options));
  cv::Mat difference, grey, usable;
  cv::absdiff(frame, rough, difference);
  cv::cvtColor(difference, grey, cv::COLOR_RGB2GRAY);
  cv::blur(grey, grey, {5, 5});
  cv::dilate(grey > kRoughChange, usable, cv::Mat::ones(15, 15, CV_8U));
  cv::bitwise_not(usable, usable);
  return lit_plate(plate.color, fit_lighting(frame, plate.color, usable & plate.observed, LightingOptions{}));
}

cv::Mat bodies_of(const cv::Mat& frame, const Plate& plate, bool refine) {
  const cv::Mat backdrop = backdrop_of(frame, plate);
  cv::Mat mask = cut_bodies(frame, backdrop, plate.noise, BodyOptions{});
  if (refine) refine_outline(frame, backdrop, mask);
  return mask;
}

std::vector<TrackedObject> track_all(const FrameSequence& source, const Plate& plate,
                                     const AutoObjectsOptions& options) {
  const float pixels = static_cast<float>(source.size().area());
  BlobTracker tracker(source.size(), options.max_gap, static_cast<int>(options.min_area * pixels));
  const int fragment = std::max(4, static_cast<int>(kFragment * pixels));
  Progress progress("moving objects", "frames", source.count(), options.show_progress);
  for (int begin = 0; begin < source.count(); begin += kChunk) {
    const int n = std::min(kChunk, source.count() - begin);
    std::vector<cv::Mat> frames(static_cast<std::size_t>(n)), masks(frames.size());
    for (int i = 0; i < n; ++i) frames[static_cast<std::size_t>(i)] = source.frame(begin + i);
    cv::parallel_for_({0, n}, [&](const cv::Range& range) {
      for (auto i = static_cast<std::size_t>(range.start); i < static_cast<std::size_t>(range.end); ++i) {
        masks[i] = bodies_of(frames[i], plate, options.refine_edges);
      }
    });
    for (std::size_t i = 0; i < frames.size(); ++i) tracker.add(frames[i], find_blobs(frames[i], masks[i], fragment));
    progress.update(begin + n);
  }
  return tracker.objects();
}

MaskTrack finished(const SparseMasks& masks, int count) {
  MaskTrack track{{}, std::vector<BoxMask>(static_cast<std::size_t>(count))};
  for (const auto& [frame, mask] : masks) track.frames[static_cast<std::size_t>(frame)] = mask;
  return track;
}

double total_area(const SparseMasks& masks) {
  return std::accumulate(masks.begin(), masks.end(), 0.0,
                         [](double sum, const auto& entry) { return sum + mask_area(entry.second); });
}

/// The area that the object has in a good part (a quarter) of its frames.
int typical_area(const SparseMasks& masks) {
  std::vector<int> areas;
  for (const auto& [frame, mask] : masks) areas.push_back(mask_area(mask));
  if (areas.empty()) return 0;
  const auto upper = areas.begin() + static_cast<std::ptrdiff_t>(areas.size() * 3 / 4);
  std::nth_element(areas.begin(), upper, areas.end());
  return *upper;
}

bool stays_put(const SparseMasks& masks) {
  cv::Rect centres;
  for (const auto& [frame, mask] : masks) {
    const cv::Rect centre((mask.box.tl() + mask.box.br()) / 2, cv::Size(1, 1));
    centres = centres.empty() ? centre : centres | centre;
  }
  return std::max(centres.width, centres.height) < kStillness * std::sqrt(static_cast<double>(typical_area(masks)));
}

/// Adds fragments to the objects they belong to and empties their own tracks.
void gather_fragments(std::vector<SparseMasks>& tracks) {
  std::sort(tracks.begin(), tracks.end(),
            [](const SparseMasks& a, const SparseMasks& b) { return total_area(a) > total_area(b); });
  for (std::size_t part = tracks.size(); part-- > 1;) {
    for (std::size_t whole = 0; whole < part; ++whole) {
      if (!is_fragment(tracks[part], tracks[whole])) continue;
      absorb(tracks[part], tracks[whole]);
      break;
    }
  }
}

void drop_lesser(std::vector<SparseMasks>& tracks, Size size, const AutoObjectsOptions& options) {
  const double smallest = options.min_area * static_cast<double>(size.area());
  std::erase_if(tracks, [&](const SparseMasks& track) {
    return static_cast<int>(track.size()) < options.min_frames || typical_area(track) < smallest || stays_put(track);
  });
  if (options.max_objects > 0 && tracks.size() > static_cast<std::size_t>(options.max_objects)) {
    std::sort(tracks.begin(), tracks.end(),
              [](const SparseMasks& a, const SparseMasks& b) { return total_area(a) > total_area(b); });
    tracks.resize(static_cast<std::size_t>(options.max_objects));
  }
}

void scale_masks(std::vector<MaskTrack>& tracks, Size from, Size to) {
  if (from == to) return;
  for (MaskTrack& track : tracks) {
    for (BoxMask& mask : track.frames) {
      if (mask.empty()) continue;
      cv::Mat full;
      cv::resize(full_mask(mask, from), full, {to.width, to.height}, 0, 0, cv::INTER_LINEAR);
      mask = box_mask_from_full(full);
    }
  }
}

void name_in_order(std::vector<MaskTrack>& tracks) {
  std::sort(tracks.begin(), tracks.end(),
            [](const MaskTrack& a, const MaskTrack& b) { return first_frame(a) < first_frame(b); });
  for (std::size_t i = 0; i < tracks.size(); ++i) tracks[i].name = fmt::format("object_{}", i + 1);
}

}  // namespace

void AutoObjectsOptions::validate() const {
  if (max_objects < 0) throw Error(fmt::format("number of objects is negative ({}): use 0 for automatic", max_objects));
  if (plate_samples < 3) throw Error(fmt::format("too few plate samples ({}): use 3 or more", plate_samples));
  if (min_area < 0.F || min_area >= 1.F)
    throw Error(fmt::format("smallest object area is not a fraction of the picture ({}): use 0 to 1", min_area));
}

std::vector<MaskTrack> find_objects(const FrameSequence& source, const AutoObjectsOptions& options) {
  options.validate();
  const ScaledSequence small(source, search_size(source.size()));
  const Plate plate = bootstrap_plate(small, options.plate_samples, options.show_progress);
  std::vector<SparseMasks> found;
  for (TrackedObject& object : track_all(small, plate, options)) found.push_back(std::move(object.frames));
  gather_fragments(found);
  drop_lesser(found, small.size(), options);
  if (found.empty() && !options.may_find_none) {
    throw Error(
        fmt::format("no moving object was found ({} frames, nothing larger than {:.2f} % of the picture moves for "
                    "{} frames): give masks, or a clip from a camera that stands still",
                    source.count(), 100.0 * options.min_area, options.min_frames));
  }
  std::vector<MaskTrack> tracks;
  for (const SparseMasks& masks : found) tracks.push_back(finished(masks, source.count()));
  scale_masks(tracks, small.size(), source.size());
  name_in_order(tracks);
  return tracks;
}

}  // namespace retime

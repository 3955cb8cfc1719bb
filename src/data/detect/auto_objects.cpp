#include "data/detect/auto_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/decode/scaled_sequence.hpp"
#include "data/detect/blob_tracker.hpp"
#include "data/detect/blobs.hpp"
#include "data/detect/bootstrap_plate.hpp"
#include "data/detect/empty_scene.hpp"
#include "data/detect/evidence.hpp"

namespace retime {
namespace {

constexpr float kFragment = 0.0003F;     // smallest blob, as a fraction of the picture
constexpr int kChunk = 16;               // frames that are segmented side by side
constexpr double kRestlessShare = 0.15;  // of the picture that changes besides objects, before a moving camera
constexpr float kStillness = 0.35F;      // of the square root of its area: what moved less was left behind

/// What follows bodies over the clip, and how much of the picture they take.
struct TrackedBodies {
  std::vector<SparseMasks> tracks;
  std::vector<double> shares;  ///< per frame, besides what is known
};

/// Bodies in some frames one after the other.
std::vector<cv::Mat> bodies_in(const std::vector<cv::Mat>& frames, int begin, const EmptyScene& scene, bool refine) {
  std::vector<cv::Mat> masks(frames.size());
  cv::parallel_for_({0, static_cast<int>(frames.size())}, [&](const cv::Range& range) {
    for (int i = range.start; i < range.end; ++i)
      masks[static_cast<std::size_t>(i)] = scene.bodies(frames[static_cast<std::size_t>(i)], begin + i, refine);
  });
  return masks;
}

double share_besides(const cv::Mat& bodies, const std::vector<MaskTrack>& known, int frame) {
  cv::Mat others = union_mask(known, frame, {bodies.cols, bodies.rows});
  cv::dilate(others, others, cv::Mat::ones(9, 9, CV_8U));
  return cv::countNonZero(bodies & ~others) / static_cast<double>(bodies.total());
}

TrackedBodies track_all(const FrameSequence& source, const EmptyScene& scene, const std::vector<MaskTrack>& known,
                        const AutoObjectsOptions& options) {
  const float pixels = static_cast<float>(source.size().area());
  BlobTracker tracker(source.size(), options.max_gap, static_cast<int>(options.min_area * pixels));
  const int fragment = std::max(4, static_cast<int>(kFragment * pixels));
  TrackedBodies tracked;
  Progress progress("moving objects", "frames", source.count(), options.show_progress);
  for (int begin = 0; begin < source.count(); begin += kChunk) {
    const int n = std::min(kChunk, source.count() - begin);
    std::vector<cv::Mat> frames;
    for (int i = 0; i < n; ++i) frames.push_back(source.frame(begin + i));
    const auto masks = bodies_in(frames, begin, scene, options.refine_edges);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const int t = begin + static_cast<int>(i);
      tracker.add(frames[i], find_blobs(frames[i], masks[i], fragment),
                  [&](const cv::Point2d& point) { return scene.plane().moved_point(point, std::max(0, t - 1), t); });
      tracked.shares.push_back(share_besides(masks[i], known, t));
    }
    progress.update(begin + n);
  }
  for (const TrackedObject& object : tracker.objects()) tracked.tracks.push_back(object.frames);
  return tracked;
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

bool stays_put(const SparseMasks& masks, const CameraPlane& plane) {
  cv::Rect centres;
  for (const auto& [frame, mask] : masks) {
    const cv::Point middle = (mask.box.tl() + mask.box.br()) / 2;
    const cv::Rect centre(cv::Point(plane.plate_point(middle, frame)), cv::Size(1, 1));
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

void drop_lesser(std::vector<SparseMasks>& tracks, Size size, const CameraPlane& plane,
                 const AutoObjectsOptions& options) {
  const double smallest = options.min_area * static_cast<double>(size.area());
  std::erase_if(tracks, [&](const SparseMasks& track) {
    return static_cast<int>(track.size()) < options.min_frames || typical_area(track) < smallest ||
           stays_put(track, plane);
  });
}

/// Before a moving camera only what surely moves by itself is taken.
void drop_doubtful(std::vector<SparseMasks>& tracks, const FrameSequence& source, const EmptyScene& scene,
                   double rate) {
  std::erase_if(tracks, [&](const SparseMasks& track) {
    const Evidence evidence = evidence_of(track, source, scene);
    log_debug(fmt::format("moves in frames {} to {}, {} pixels: {}", track.begin()->first, track.rbegin()->first,
                          typical_area(track), text_of(evidence)));
    return !is_enough(evidence, rate);
  });
}

void keep_largest(std::vector<SparseMasks>& tracks, int count) {
  if (count <= 0 || tracks.size() <= static_cast<std::size_t>(count)) return;
  std::sort(tracks.begin(), tracks.end(),
            [](const SparseMasks& a, const SparseMasks& b) { return total_area(a) > total_area(b); });
  tracks.resize(static_cast<std::size_t>(count));
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How much of the picture changes, in the median frame, besides the objects.
double restless_share(std::vector<double> shares, const std::vector<SparseMasks>& objects, Size size) {
  for (const SparseMasks& object : objects)
    for (const auto& [frame, mask] : object) shares[static_cast<std::size_t>(frame)] -= 1.0 * mask.area() / size.area();
  return std::max(0.0, median_of(std::move(shares)));
}

[[noreturn]] void restless(double share) {
  throw Error(
      fmt::format("moving objects cannot be told from the background ({:.0f} % of the picture change while the camera "
                  "moves: water, leaves, or a camera that walks): give --masks, or look for --objects people",
                  100 * share));
}

void name_in_order(std::vector<MaskTrack>& tracks) {
  std::sort(tracks.begin(), tracks.end(),
            [](const MaskTrack& a, const MaskTrack& b) { return first_frame(a) < first_frame(b); });
  for (std::size_t i = 0; i < tracks.size(); ++i) tracks[i].name = fmt::format("object_{}", i + 1);
}

std::vector<MaskTrack> finished_all(std::vector<SparseMasks> found, const FrameSequence& source, Size searched,
                                    const AutoObjectsOptions& options) {
  keep_largest(found, options.max_objects);
  if (found.empty() && !options.may_find_none)
    throw Error(
        fmt::format("no moving object was found ({} frames, nothing larger than {:.2f} % of the picture moves for "
                    "{} frames): give masks, or a clip from a camera that stands still",
                    source.count(), 100.0 * options.min_area, options.min_frames));
  std::vector<MaskTrack> tracks;
  for (const SparseMasks& masks : found) tracks.push_back(finished(masks, source.count()));
  tracks = scaled_tracks(std::move(tracks), searched, source.size());
  name_in_order(tracks);
  return tracks;
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
  const ScaledSequence small(source, size_up_to(source.size(), kSearchWidth));
  const EmptyScene scene(bootstrap_plate(small, options.plate_samples, options.show_progress));
  auto found = track_all(small, scene, {}, options).tracks;
  gather_fragments(found);
  drop_lesser(found, small.size(), scene.plane(), options);
  return finished_all(std::move(found), source, small.size(), options);
}

std::vector<MaskTrack> find_objects(const FrameSequence& source, const MovingCamera& camera,
                                    const AutoObjectsOptions& options) {
  options.validate();
  const ScaledSequence small(source, size_up_to(source.size(), kSearchWidth));
  const auto known = scaled_tracks(camera.known, source.size(), small.size());
  const EmptyScene scene(small, known, camera.plane.resized(small.size()), options.plate_samples,
                         options.show_progress);
  auto [found, shares] = track_all(small, scene, known, options);
  gather_fragments(found);
  drop_lesser(found, small.size(), scene.plane(), options);
  drop_doubtful(found, small, scene, camera.rate);
  if (const double share = restless_share(std::move(shares), found, small.size()); share > kRestlessShare) {
    if (!options.may_find_none) restless(share);
    log_info(fmt::format("what moves besides is not taken (too much does: {:.0f} % of the picture)", 100 * share));
    return {};
  }
  return finished_all(std::move(found), source, small.size(), options);
}

}  // namespace retime

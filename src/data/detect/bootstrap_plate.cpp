#include "data/detect/bootstrap_plate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgproc.hpp>

#include "core/progress.hpp"
#include "data/background/lighting.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {
namespace {

constexpr int kWidth = 384;           // the sample is searched at this width
constexpr int kRounds = 2;            // through the sample
constexpr float kGhostScore = -0.2F;  // below it the plate shows somebody whom the frame does not
constexpr float kSupportWeight = 0.5F;
constexpr int kAgreementLevels = 14;
constexpr float kAgreementShare = 0.7F;  // of a region's pixels that must be alike for a frame to support it

/// Some of another sequence's frames, read when asked for.
class Subset : public FrameSequence {
 public:
  Subset(const FrameSequence& source, int samples) : source_(source) {
    const int n = std::min(source.count(), samples);
    for (int i = 0; i < n; ++i) index_.push_back(static_cast<int>((2LL * i + 1) * source.count() / (2 * n)));
  }
  int count() const override { return static_cast<int>(index_.size()); }
  Size size() const override { return source_.size(); }
  cv::Mat frame(int index) const override { return source_.frame(index_.at(static_cast<std::size_t>(index))); }

 private:
  const FrameSequence& source_;
  std::vector<int> index_;
};

std::vector<cv::Mat> thumbnails(const FrameSequence& source, bool show_progress) {
  const Size size = source.size();
  const int width = std::min(kWidth, size.width), height = std::max(1, size.height * width / size.width);
  std::vector<cv::Mat> frames(static_cast<std::size_t>(source.count()));
  Progress progress("sample", "frames", source.count(), show_progress);
  for (int t = 0; t < source.count(); ++t) {
    cv::resize(source.frame(t), frames[static_cast<std::size_t>(t)], {width, height}, 0, 0, cv::INTER_AREA);
    progress.update(t + 1);
  }
  return frames;
}

/// Brings all frames under the light of the one of median brightness.
void equalise(std::vector<cv::Mat>& frames) {
  std::vector<std::pair<double, std::size_t>> brightness;
  for (std::size_t s = 0; s < frames.size(); ++s) brightness.emplace_back(cv::mean(frames[s])[1], s);
  std::sort(brightness.begin(), brightness.end());
  const cv::Mat reference = frames[brightness[brightness.size() / 2].second].clone();
  const cv::Mat everywhere(reference.size(), CV_8U, cv::Scalar(255));
  LightingOptions options;
  options.field_size = {};
  cv::parallel_for_({0, static_cast<int>(frames.size())}, [&](const cv::Range& range) {
    for (auto s = static_cast<std::size_t>(range.start); s < static_cast<std::size_t>(range.end); ++s) {
      frames[s] = unlit_frame(frames[s], fit_lighting(frames[s], reference, everywhere, options));
    }
  });
}

bool agrees(const cv::Mat& frame, const cv::Mat& content, const Region& region) {
  int same = 0, all = 0;
  for (int y = 0; y < region.box.height; y += 3) {
    for (int x = 0; x < region.box.width; x += 3) {
      if (region.mask.at<uchar>(y, x) == 0) continue;
      const cv::Vec3b &f = frame.at<cv::Vec3b>(region.box.y + y, region.box.x + x),
                      &c = content.at<cv::Vec3b>(region.box.y + y, region.box.x + x);
      const int distance = std::max({std::abs(f[0] - c[0]), std::abs(f[1] - c[1]), std::abs(f[2] - c[2])});
      ++all;
      same += distance <= kAgreementLevels ? 1 : 0;
    }
  }
  return static_cast<float>(same) >= kAgreementShare * static_cast<float>(all);
}

/// Share of the frames that show the same as `content` in the region.
float support(const std::vector<cv::Mat>& frames, const cv::Mat& content, const Region& region) {
  const auto n =
      std::count_if(frames.begin(), frames.end(), [&](const cv::Mat& f) { return agrees(f, content, region); });
  return (static_cast<float>(n) + 0.5F) / (static_cast<float>(frames.size()) + 1.F);
}

/// True if the plate, and not the frame, shows somebody in the region. The outline tells; where it hardly does, or one
/// of the two is a rarity, so does what the other frames show.
bool is_ghost(const std::vector<cv::Mat>& frames, const cv::Mat& frame, const cv::Mat& plate, const Region& region,
              float owner) {
  if (owner > kGhostScore + kSupportWeight) return false;
  const float odds = std::log10(support(frames, frame, region) / support(frames, plate, region));
  return owner - kSupportWeight * std::clamp(odds, -1.F, 1.F) < kGhostScore;
}

/// Takes from the frame whatever the plate has somebody in front of.
void uncover(const std::vector<cv::Mat>& frames, const cv::Mat& frame, cv::Mat& plate) {
  const std::vector<Region> regions = changed_regions(frame, plate);
  if (regions.empty()) return;
  const cv::Mat frame_edges = edge_strength(frame), plate_edges = edge_strength(plate);
  std::vector<Region> ghosts;
  for (const Region& region : regions) {
    const float owner = outline_owner(region, frame_edges, plate_edges);
    if (is_ghost(frames, frame, plate, region, owner)) ghosts.push_back(region);
  }
  if (!ghosts.empty()) frame.copyTo(plate, paint_regions(ghosts, plate.size(), 4));
}

/// A mosaic of frames with as few people as the sample allows.
cv::Mat uncovered_plate(const std::vector<cv::Mat>& frames, bool show_progress) {
  cv::Mat plate = frames.front().clone();
  const auto count = static_cast<std::int64_t>(frames.size());
  Progress progress("empty scene", "frames", kRounds * count, show_progress);
  for (std::int64_t i = 0; i < kRounds * count; ++i) {
    uncover(frames, frames[static_cast<std::size_t>(i % count)], plate);
    progress.update(i + 1);
  }
  return plate;
}

/// Everything that differs from the plate, as one mask per frame, at the size of the whole frames.
MaskTrack covers(const std::vector<cv::Mat>& frames, const cv::Mat& plate, Size size, bool show_progress) {
  MaskTrack track;
  Progress progress("changes", "frames", static_cast<std::int64_t>(frames.size()), show_progress);
  for (const cv::Mat& frame : frames) {
    cv::Mat mask = paint_regions(changed_regions(frame, plate), plate.size(), 2);
    cv::resize(mask, mask, {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
    track.frames.push_back(box_mask_from_full(mask));
    progress.update(static_cast<std::int64_t>(track.frames.size()));
  }
  return track;
}

constexpr float kChangedLevels = 10.F;
constexpr float kSmallest = 0.0005F;  // region, as a fraction of the picture
constexpr float kStrongEdge = 150.F;  // edges above this strength (Sobel, levels) count the same
constexpr int kRoom = 8;              // pixels around a region's box

cv::Mat changed_pixels(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat difference, peak;
  cv::absdiff(a, b, difference);
  cv::GaussianBlur(difference, difference, {5, 5}, 1.0);
  std::vector<cv::Mat> channels;
  cv::split(difference, channels);
  cv::max(channels[0], channels[1], peak);
  cv::max(peak, channels[2], peak);
  cv::Mat changed = peak > kChangedLevels;
  cv::morphologyEx(changed, changed, cv::MORPH_OPEN, cv::Mat::ones(3, 3, CV_8U));
  return changed;
}

/// The mask grown (or shrunk, if negative) by some pixels.
cv::Mat grown(const cv::Mat& mask, int by) {
  cv::Mat result;
  const cv::Mat kernel = cv::Mat::ones(2 * std::abs(by) + 1, 2 * std::abs(by) + 1, CV_8U);
  by > 0 ? cv::dilate(mask, result, kernel) : cv::erode(mask, result, kernel);
  return result;
}

/// How much stronger edges are on an outline than beside it, where they are texture.
float excess(const cv::Mat& edges, const cv::Mat& outline, const cv::Mat& beside) {
  return static_cast<float>(std::max(0.0, cv::mean(edges, outline)[0] - cv::mean(edges, beside)[0]));
}

}  // namespace

Plate bootstrap_plate(const FrameSequence& source, int samples, bool show_progress) {
  const Subset subset(source, samples);
  std::vector<cv::Mat> frames = thumbnails(subset, show_progress);
  equalise(frames);
  const MaskTrack cover = covers(frames, uncovered_plate(frames, show_progress), source.size(), show_progress);
  PlateOptions options;
  options.samples = samples;
  options.effect_margin = 0.015F;
  options.show_progress = show_progress;
  return estimate_plate(subset, {cover}, options);
}

std::vector<Region> changed_regions(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat labels, stats, centres;
  const int n = cv::connectedComponentsWithStats(changed_pixels(a, b), labels, stats, centres);
  std::vector<Region> regions;
  for (int label = 1; label < n; ++label) {
    const float area = static_cast<float>(stats.at<int>(label, cv::CC_STAT_AREA));
    if (area < kSmallest * static_cast<float>(a.total())) continue;
    const cv::Rect tight(stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
                         stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT));
    const cv::Rect roomy = tight + cv::Size(2 * kRoom, 2 * kRoom) - cv::Point(kRoom, kRoom);
    const cv::Rect box = roomy & cv::Rect(0, 0, a.cols, a.rows);
    regions.push_back({box, labels(box) == label});
  }
  return regions;
}

cv::Mat paint_regions(const std::vector<Region>& regions, cv::Size size, int margin) {
  cv::Mat mask = cv::Mat::zeros(size, CV_8U);
  for (const Region& region : regions) mask(region.box).setTo(255, region.mask);
  return margin == 0 ? mask : grown(mask, margin);
}

cv::Mat edge_strength(const cv::Mat& picture) {
  cv::Mat smooth, dx, dy, x, y, strength;
  cv::GaussianBlur(picture, smooth, {3, 3}, 0.8);
  cv::Sobel(smooth, dx, CV_32F, 1, 0);
  cv::Sobel(smooth, dy, CV_32F, 0, 1);
  cv::Mat peak = cv::Mat::zeros(picture.size(), CV_32F);
  for (int c = 0; c < 3; ++c) {
    cv::extractChannel(dx, x, c);
    cv::extractChannel(dy, y, c);
    cv::magnitude(x, y, strength);
    cv::max(peak, strength, peak);
  }
  return cv::min(peak, kStrongEdge);
}

float outline_owner(const Region& region, const cv::Mat& edges_a, const cv::Mat& edges_b) {
  // Blurring and the low threshold put the region's rim outside the true outline.
  const cv::Mat& mask = region.mask;
  const cv::Mat outline = grown(mask, 1) & ~grown(mask, -4);
  const cv::Mat beside = (grown(mask, 7) & ~grown(mask, 2)) | (grown(mask, -6) & ~grown(mask, -10));
  const float a = excess(edges_a(region.box), outline, beside), b = excess(edges_b(region.box), outline, beside);
  return (a - b) / (a + b + 6.F);
}

}  // namespace retime

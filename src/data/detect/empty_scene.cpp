#include "data/detect/empty_scene.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/background/lighting.hpp"
#include "data/decode/frame_loop.hpp"
#include "data/detect/bootstrap_plate.hpp"
#include "data/detect/foreground.hpp"

namespace retime {
namespace {

constexpr float kRoughChange = 25.F;       // levels: surely not background, left out of the fit of the light
constexpr float kEffectMargin = 0.015F;    // of the width: around what differs from a first plate
constexpr int kFewestViews = 8;            // frames that show a place whose plate is believed
constexpr int kSlackWidth = 400;           // of the picture's width, for each pixel that a plate may lie wrong
constexpr int kAlignedWindow = 11;         // pixels around a place that tell how it is moved
constexpr double kMovePrice = 0.5;         // levels of misfit, for each pixel
constexpr float kNoiseOfEdges = 0.025F;    // levels of noise for each of an edge's strength (Sobel)
constexpr float kMovingTint = 20.F;        // of bodies before a moving camera, of which evidence decides afterwards
constexpr float kMovingSmoothness = 1.5F;  // likewise
constexpr float kAnyNoise = 1e6F;          // water and leaves are no people who stood there

/// The plate lit as the frame is, fitted where the frame is not grossly different.
cv::Mat lit_as(const cv::Mat& frame, const Plate& plate) {
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

int slack_of(const cv::Mat& picture) { return std::max(1, cvRound(picture.cols / static_cast<double>(kSlackWidth))); }

/// The backdrop, moved in each place by at most `radius` pixels to where the surroundings differ least from the frame.
cv::Mat aligned_backdrop(const cv::Mat& frame, const cv::Mat& backdrop, int radius) {
  constexpr double kPixels = kAlignedWindow * kAlignedWindow;
  cv::Mat roomy, difference, grey, misfit, better, least, best(frame.size(), CV_8U, cv::Scalar(0));
  cv::copyMakeBorder(backdrop, roomy, radius, radius, radius, radius, cv::BORDER_REPLICATE);
  std::vector<cv::Mat> moved;
  for (int dy = -radius; dy <= radius; ++dy)
    for (int dx = -radius; dx <= radius; ++dx) {
      moved.push_back(roomy(cv::Rect({radius + dx, radius + dy}, frame.size())));
      cv::absdiff(frame, moved.back(), difference);
      cv::transform(difference, grey, cv::Matx13f(1.F / 3, 1.F / 3, 1.F / 3));
      cv::boxFilter(grey, misfit, CV_16U, {kAlignedWindow, kAlignedWindow}, {-1, -1}, false);
      misfit += cv::Scalar(kPixels * kMovePrice * (std::abs(dx) + std::abs(dy)));
      if (least.empty()) {
        least = misfit.clone();
        continue;
      }
      cv::compare(misfit, least, better, cv::CMP_LT);
      best.setTo(static_cast<double>(moved.size() - 1), better);
      cv::min(misfit, least, least);
    }
  cv::Mat aligned(frame.size(), CV_8UC3);
  for (int y = 0; y < frame.rows; ++y)
    for (int x = 0; x < frame.cols; ++x) aligned.at<cv::Vec3b>(y, x) = moved[best.at<uchar>(y, x)].at<cv::Vec3b>(y, x);
  return aligned;
}

/// Takes from `observed` what fewer than kFewestViews frames show.
void require_views(const CameraPlane& plane, int frames, cv::Mat& observed) {
  cv::Mat views = cv::Mat::zeros(observed.size(), CV_16U);
  for (int t = 0; t < frames; ++t) {
    const cv::Rect box = plane.footprint(t);
    cv::add(views(box), cv::Scalar(1), views(box), plane.coverage(t, box) == 255);
  }
  observed.setTo(0, views < kFewestViews);
}

}  // namespace

EmptyScene::EmptyScene(Plate plate) : plate_(std::move(plate)), plane_(Size{plate_.color.cols, plate_.color.rows}) {}

EmptyScene::EmptyScene(const FrameSequence& source, const std::vector<MaskTrack>& known, const CameraPlane& plane,
                       int samples, bool show_progress)
    : plane_(plane) {
  const PlateOptions options{.samples = samples,
                             .effect_margin = kEffectMargin,
                             .interpolation = cv::INTER_CUBIC,
                             .show_progress = show_progress};
  plate_ = estimate_plate(source, known, plane, options);
  MaskTrack cover{"", std::vector<BoxMask>(static_cast<std::size_t>(source.count()))};
  for_frames("changes", source.count(), show_progress, [&](int t) {
    const cv::Mat changed = changes(source.frame(t), t) | union_mask(known, t, source.size());
    cover.frames[static_cast<std::size_t>(t)] = box_mask_from_full(changed);
  });
  plate_ = estimate_plate(source, {cover}, plane, options);
  require_views(plane, source.count(), plate_.observed);
}

Plate EmptyScene::view(int index) const {
  return {plane_.to_frame(plate_.color, index, cv::INTER_CUBIC), known(index),
          plane_.to_frame(plate_.noise, index, cv::INTER_LINEAR)};
}

cv::Mat EmptyScene::known(int index) const {
  return plane_.moves() ? plane_.to_frame(plate_.observed, index, cv::INTER_LINEAR) == 255 : plate_.observed;
}

cv::Mat EmptyScene::backdrop(const cv::Mat& frame, int index) const { return lit_as(frame, view(index)); }

cv::Mat EmptyScene::changes(const cv::Mat& frame, int index) const {
  const Plate plate = view(index);
  const cv::Mat aligned = aligned_backdrop(frame, lit_as(frame, plate), slack_of(frame));
  return paint_regions(changed_regions(frame, aligned), frame.size(), 2) & plate.observed;
}

cv::Mat EmptyScene::bodies(const cv::Mat& frame, int index, bool refine) const {
  const Plate plate = view(index);
  const cv::Mat backdrop = lit_as(frame, plate);
  cv::Mat mask;
  if (plane_.moves()) {
    BodyOptions options;
    options.credible = kAnyNoise;
    options.tint = kMovingTint;
    options.smoothness = kMovingSmoothness;
    const cv::Mat noise = cv::max(plate.noise, kNoiseOfEdges * edge_strength(backdrop));
    mask = cut_bodies(frame, aligned_backdrop(frame, backdrop, slack_of(frame)), noise, options);
  } else {
    mask = cut_bodies(frame, backdrop, plate.noise, BodyOptions{});
  }
  if (refine) refine_outline(frame, backdrop, mask);
  if (plane_.moves()) mask &= plate.observed;
  return mask;
}

}  // namespace retime

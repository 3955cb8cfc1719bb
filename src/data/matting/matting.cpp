#include "data/matting/matting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr float kEdgeInside = 0.004F;    // of the width: band within the mask where alpha may be partial
constexpr float kEdgeOutside = 0.006F;   // of the width: band around the mask where the body may still show
constexpr float kColourReach = 0.012F;   // of the width: how far a band pixel looks for the object's colour
constexpr double kAlphaSmoothing = 2.0;  // pixels
constexpr float kRoughLevels = 4.F;      // error that a smooth alpha is worth, in levels ...
constexpr float kRoughNoise = 2.F;       // ... and in standard deviations of the noise, as far as that is above ...
constexpr float kUsualNoise = 3.F;       // ... what sensors have: at edges, before water and leaves
constexpr double kAlphaReach = 0.012;    // of the width: around a pixel whose own change tells little
constexpr float kLittleRoom = 24.F;      // levels of room at which a pixel's change is trusted by half

int pixels(float fraction, int width) { return std::max(1, cvRound(fraction * static_cast<float>(width))); }

cv::Mat disc(int radius) { return cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1}); }

/// The parts of one object's mask and what its colour is near the outline. All of the frame's size.
struct Body {
  cv::Mat inner;   // CV_8U: opaque for certain
  cv::Mat band;    // CV_8U: around the outline
  cv::Mat colour;  // CV_32FC3: of the nearest inner pixels
  cv::Mat known;   // CV_8U: where `colour` is set
};

Body analyse_body(const cv::Mat& frame, const cv::Mat& mask) {
  Body body;
  cv::Mat outer, weight, masked = cv::Mat::zeros(frame.size(), CV_32FC3), colour;
  cv::erode(mask, body.inner, disc(pixels(kEdgeInside, mask.cols)));
  cv::dilate(mask, outer, disc(pixels(kEdgeOutside, mask.cols)));
  body.band = outer & ~body.inner;
  frame.convertTo(colour, CV_32F);
  colour.copyTo(masked, body.inner);
  body.inner.convertTo(weight, CV_32F, 1.0 / 255.0);
  const int window = 2 * pixels(kColourReach, mask.cols) + 1;
  cv::blur(masked, masked, {window, window});
  cv::blur(weight, weight, {window, window});
  body.known = weight > 0.01F;
  cv::Mat weights;
  cv::merge(std::vector<cv::Mat>{weight, weight, weight}, weights);
  cv::divide(masked, cv::max(weights, 0.01F), body.colour);
  return body;
}

/// Everything that the alpha of one pixel is solved from.
struct PixelInput {
  cv::Vec3f frame, backdrop;
  float weight;        // of the effect
  float noise;         // levels
  float smooth_alpha;  // what the difference is worth around the pixel
  bool in_mask;        // of this object
  bool observed;       // the backdrop is known
};

cv::Vec4b solve_pixel(const PixelInput& p, const Body& body, int y, int x) {
  if (body.inner.at<uchar>(y, x) != 0 || (p.in_mask && !p.observed)) return premultiplied(p.frame, p.backdrop, 1.F);
  const cv::Vec3f shown = p.backdrop + p.weight * (p.frame - p.backdrop);
  float alpha =
      std::max(p.smooth_alpha,
               worthwhile_alpha(shown, p.backdrop, kRoughLevels + kRoughNoise * std::max(0.F, p.noise - kUsualNoise)));
  if (body.band.at<uchar>(y, x) != 0 && body.known.at<uchar>(y, x) != 0) {
    const float body_alpha = projected_alpha(p.frame, body.colour.at<cv::Vec3f>(y, x), p.backdrop);
    if (p.in_mask) {
      alpha = body_alpha < 0.F ? 1.F : std::max({alpha, body_alpha, least_alpha(p.frame, p.backdrop)});
      return premultiplied(p.frame, p.backdrop, alpha);
    }
    alpha = std::max(alpha, p.weight * body_alpha);
  } else if (p.in_mask) {
    return premultiplied(p.frame, p.backdrop, 1.F);
  }
  // One level of difference is rounding.
  return alpha < 0.006F ? cv::Vec4b() : premultiplied(shown, p.backdrop, alpha);
}

struct Scene {
  cv::Mat frame, backdrop;  // CV_32FC3
  cv::Mat observed;         // CV_8U
  cv::Mat noise;            // CV_32F
  cv::Mat smooth_alpha;     // CV_32F
  EffectRegions effects;
};

/// How far the alpha that a change tells is to be trusted where the backdrop leaves so much `room` for it (levels): on
/// black, a few levels of noise would be an opaque layer.
float trust_in(float room) {
  const float square = room * room, least = kLittleRoom * kLittleRoom;
  return square * square / (square * square + least * least);
}

/// The alpha that explains best by how much one channel gets darker, or brighter, around each pixel: by least squares,
/// where `change` is alpha times `room` (levels). Where there is little room, that of what is around tells.
cv::Mat fitted_alpha(const cv::Mat& change, const cv::Mat& room, const cv::Mat& valid) {
  cv::Mat trust(room.size(), CV_32F);
  std::transform(room.begin<float>(), room.end<float>(), trust.begin<float>(), trust_in);
  const auto fit = [&](const cv::Mat& usable, double sigma) {
    cv::Mat explained, all;
    cv::GaussianBlur(change.mul(room).mul(usable), explained, {0, 0}, sigma);
    cv::GaussianBlur(room.mul(room).mul(usable), all, {0, 0}, sigma);
    cv::divide(explained, all + 1.F, explained);
    return explained;
  };
  const cv::Mat here = fit(valid, kAlphaSmoothing),
                around = fit(valid.mul(trust), kAlphaReach * static_cast<double>(room.cols));
  return around + (here - around).mul(trust);
}

/// The alpha of effects, smoothed such that noise does not make it rough and bodies' colours are kept out.
cv::Mat smooth_effect_alpha(const Scene& scene, const std::vector<BoxMask>& masks) {
  cv::Mat bodies = cv::Mat::zeros(scene.frame.size(), CV_8U), valid;
  for (const BoxMask& mask : masks) paint_mask(mask, bodies);
  cv::dilate(bodies, bodies, disc(pixels(kEdgeOutside, bodies.cols)));
  cv::Mat(bodies == 0).convertTo(valid, CV_32F, 1.0 / 255.0);
  cv::Mat alpha = cv::Mat::zeros(scene.frame.size(), CV_32F), frame, backdrop;
  for (int c = 0; c < 3; ++c) {
    cv::extractChannel(scene.frame, frame, c);
    cv::extractChannel(scene.backdrop, backdrop, c);
    const cv::Mat brighter = (frame - backdrop).mul(scene.effects.weight);
    cv::max(alpha, fitted_alpha(-brighter, backdrop, valid), alpha);
    cv::max(alpha, fitted_alpha(brighter, 255.F - backdrop, valid), alpha);
  }
  alpha = cv::min(alpha, 1.F);
  alpha.setTo(0.F, bodies);
  return alpha;
}

cv::Mat solve_matte(const Scene& scene, const cv::Mat& rgb, const cv::Mat& mask, int object) {
  const Body body = analyse_body(rgb, mask);
  cv::Mat rgba = cv::Mat::zeros(rgb.size(), CV_8UC4);
  cv::parallel_for_({0, rgb.rows}, [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y) {
      for (int x = 0; x < rgb.cols; ++x) {
        if (scene.effects.owner.at<int>(y, x) != object) continue;
        const float weight = scene.effects.weight.at<float>(y, x);
        const bool in_mask = mask.at<uchar>(y, x) != 0;
        if (weight <= 0.F && !in_mask) continue;
        rgba.at<cv::Vec4b>(y, x) = solve_pixel({scene.frame.at<cv::Vec3f>(y, x), scene.backdrop.at<cv::Vec3f>(y, x),
                                                weight, scene.noise.at<float>(y, x), scene.smooth_alpha.at<float>(y, x),
                                                in_mask, scene.observed.empty() || scene.observed.at<uchar>(y, x) != 0},
                                               body, y, x);
      }
    }
  });
  return rgba;
}

bool touches_border(const cv::Rect& box, Size size) {
  const int margin = std::max(2, size.width / 100);
  return box.x < margin || box.y < margin || box.br().x > size.width - margin || box.br().y > size.height - margin;
}

BoxMask anchor_of(const MaskTrack& track, int frame_index, Size size, int max_gap) {
  const int count = static_cast<int>(track.frames.size());
  for (int gap = 0; gap <= max_gap; ++gap) {
    for (const int t : {frame_index - gap, frame_index + gap}) {
      if (t < 0 || t >= count || track.frames[static_cast<std::size_t>(t)].empty()) continue;
      const BoxMask& mask = track.frames[static_cast<std::size_t>(t)];
      return gap == 0 || touches_border(mask.box, size) ? mask : BoxMask{};
    }
  }
  return {};
}

// What a mask names is its object's, not an effect of somebody who is hidden behind it.
void leave_to_masks(const std::vector<BoxMask>& masks, cv::Mat& owner) {
  for (std::size_t i = 0; i < masks.size(); ++i) {
    if (!masks[i].empty()) continue;
    for (std::size_t k = 0; k < masks.size(); ++k)
      if (!masks[k].empty()) {
        cv::Mat inside = owner(masks[k].box);
        inside.setTo(static_cast<int>(k), masks[k].crop() & (inside == static_cast<int>(i)));
      }
  }
}

constexpr float kLeastSpan = 25.F;  // levels between object and backdrop for alpha to be told from colour

}  // namespace

std::vector<Matte> solve_mattes(const cv::Mat& frame, const Backdrop& backdrop, const std::vector<BoxMask>& masks,
                                const MattingOptions& options, const std::vector<BoxMask>& anchors) {
  if (frame.size() != backdrop.color.size()) {
    throw Error(fmt::format("frame size {}x{} does not match the plate's {}x{}: make the plate from the same frames",
                            frame.cols, frame.rows, backdrop.color.cols, backdrop.color.rows));
  }
  const std::vector<BoxMask>& origins = anchors.empty() ? masks : anchors;
  if (std::all_of(origins.begin(), origins.end(), [](const BoxMask& m) { return m.empty(); })) {
    std::vector<Matte> none(masks.size());
    for (Matte& matte : none) matte = {cv::Mat::zeros(frame.size(), CV_8UC4), cv::Mat::zeros(frame.size(), CV_8U)};
    return none;
  }
  Scene scene;
  frame.convertTo(scene.frame, CV_32F);
  backdrop.color.convertTo(scene.backdrop, CV_32F);
  scene.observed = backdrop.observed;
  const cv::Mat noise =
      backdrop.noise.empty() ? cv::Mat(frame.size(), CV_32F, cv::Scalar(options.noise)) : backdrop.noise;
  scene.effects = find_effects(scene.frame - scene.backdrop, noise, origins, options.limits);
  leave_to_masks(masks, scene.effects.owner);
  scene.noise = noise;
  scene.smooth_alpha = smooth_effect_alpha(scene, masks);
  std::vector<Matte> mattes(masks.size());
  for (std::size_t i = 0; i < masks.size(); ++i) {
    mattes[i].rgba = origins[i].empty() ? cv::Mat(cv::Mat::zeros(frame.size(), CV_8UC4))
                                        : solve_matte(scene, frame, full_mask(masks[i], {frame.cols, frame.rows}),
                                                      static_cast<int>(i));
    const auto index = static_cast<int>(i);
    cv::Mat claim;
    cv::bitwise_and(scene.effects.claimants, claim_bit(index), claim);
    mattes[i].contested = claim != 0;
  }
  return mattes;
}

std::vector<BoxMask> effect_anchors(const std::vector<MaskTrack>& tracks, int frame_index, Size size, int max_gap) {
  std::vector<BoxMask> anchors;
  for (const MaskTrack& track : tracks) anchors.push_back(anchor_of(track, frame_index, size, max_gap));
  return anchors;
}

float least_alpha(const cv::Vec3f& f, const cv::Vec3f& b) {
  float alpha = 0.F;
  for (int c = 0; c < 3; ++c) {
    const float room = f[c] < b[c] ? b[c] : 255.F - b[c];
    if (room > 0.F) alpha = std::max(alpha, std::abs(f[c] - b[c]) / room);
  }
  return std::min(alpha, 1.F);
}

float projected_alpha(const cv::Vec3f& f, const cv::Vec3f& object, const cv::Vec3f& b) {
  const cv::Vec3f span = object - b;
  const float length2 = span.dot(span);
  if (length2 < kLeastSpan * kLeastSpan) return -1.F;
  return std::clamp((f - b).dot(span) / length2, 0.F, 1.F);
}

float worthwhile_alpha(const cv::Vec3f& f, const cv::Vec3f& b, float tolerance) {
  float alpha = 0.F;
  for (int c = 0; c < 3; ++c) {
    const float change = std::max(0.F, std::abs(f[c] - b[c]) - tolerance), room = f[c] < b[c] ? b[c] : 255.F - b[c];
    if (room > 0.F) alpha = std::max(alpha, trust_in(room) * change / room);
  }
  return std::min(alpha, 1.F);
}

cv::Vec4b premultiplied(const cv::Vec3f& f, const cv::Vec3f& b, float alpha) {
  cv::Vec4b rgba;
  rgba[3] = cv::saturate_cast<uchar>(255.F * alpha);
  const float a = static_cast<float>(rgba[3]) / 255.F;
  for (int c = 0; c < 3; ++c) {
    rgba[c] = std::min(rgba[3], cv::saturate_cast<uchar>(f[c] - (1.F - a) * b[c]));
  }
  return rgba;
}

}  // namespace retime

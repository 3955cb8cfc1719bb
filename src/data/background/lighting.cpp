#include "data/background/lighting.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "data/decode/frame_loop.hpp"

namespace retime {
namespace {

constexpr int kFitWidth = 128;  // frames are fitted as thumbnails of this width: less noise, less work
constexpr float kDark = 2.F;    // values outside (kDark, kBright) are clipped and say nothing about the gain
constexpr float kBright = 252.F;
constexpr float kFieldPrior = 0.15F;  // share of a cell's pixels that pulls its offset to zero

cv::Mat thumbnail(const cv::Mat& picture) {
  if (picture.cols <= kFitWidth) return picture;
  cv::Mat small;
  const int height = std::max(1, picture.rows * kFitWidth / picture.cols);
  cv::resize(picture, small, {kFitWidth, height}, 0, 0, cv::INTER_AREA);
  return small;
}

LineSamples channel_samples(const cv::Mat& frame, const cv::Mat& plate, const cv::Mat& usable, int channel) {
  LineSamples s;
  for (int y = 0; y < frame.rows; ++y) {
    for (int x = 0; x < frame.cols; ++x) {
      const float p = plate.at<cv::Vec3b>(y, x)[channel], f = frame.at<cv::Vec3b>(y, x)[channel];
      const bool clipped = std::min(p, f) <= kDark || std::max(p, f) >= kBright;
      if (usable.at<uchar>(y, x) > 250 && !clipped) s.x.push_back(p), s.y.push_back(f);
    }
  }
  return s;
}

/// Lines per channel, as thumbnails see them.
void fit_global(const cv::Mat& frame, const cv::Mat& plate, const cv::Mat& usable, FrameLighting& lighting) {
  for (int c = 0; c < 3; ++c) {
    const Line line = fit_line(channel_samples(frame, plate, usable, c));
    lighting.gain[c] = line.gain;
    lighting.offset[c] = line.offset;
  }
}

cv::Mat scaled_plate(const cv::Mat& plate, const FrameLighting& lighting) {
  cv::Mat scaled;
  plate.convertTo(scaled, CV_32F);
  const cv::Scalar gain(lighting.gain[0], lighting.gain[1], lighting.gain[2]);
  const cv::Scalar offset(lighting.offset[0], lighting.offset[1], lighting.offset[2]);
  cv::multiply(scaled, gain, scaled);
  cv::add(scaled, offset, scaled);
  if (!lighting.field.empty()) {
    cv::Mat field;
    cv::resize(lighting.field, field, plate.size(), 0, 0, cv::INTER_CUBIC);
    scaled += field;
  }
  return scaled;
}

/// Splits the residual into what the weights keep (weighted residual) and the weights, both per channel.
void weigh_residual(const cv::Mat& residual, const cv::Mat& usable, cv::Mat& weighted, cv::Mat& weights) {
  weighted = cv::Mat::zeros(residual.size(), CV_32FC3);
  weights = cv::Mat::zeros(residual.size(), CV_32FC3);
  for (int c = 0; c < 3; ++c) {
    std::vector<float> values;
    for (int y = 0; y < residual.rows; ++y) {
      for (int x = 0; x < residual.cols; ++x) {
        if (usable.at<uchar>(y, x) > 250) values.push_back(residual.at<cv::Vec3f>(y, x)[c]);
      }
    }
    if (values.empty()) return;
    const float sigma = robust_sigma(values);
    for (int y = 0; y < residual.rows; ++y) {
      for (int x = 0; x < residual.cols; ++x) {
        const float r = residual.at<cv::Vec3f>(y, x)[c];
        const float w = usable.at<uchar>(y, x) > 250 ? tukey_weight(r, sigma) : 0.F;
        weights.at<cv::Vec3f>(y, x)[c] = w;
        weighted.at<cv::Vec3f>(y, x)[c] = w * r;
      }
    }
  }
}

/// Offsets on a coarse grid by normalised convolution, drawn to zero where little background is seen.
cv::Mat fit_field(const cv::Mat& frame, const cv::Mat& plate, const cv::Mat& usable, const FrameLighting& lighting,
                  cv::Size nodes) {
  cv::Mat residual, weighted, weights;
  frame.convertTo(residual, CV_32F);
  residual -= scaled_plate(plate, lighting);
  weigh_residual(residual, usable, weighted, weights);
  cv::resize(weighted, weighted, nodes, 0, 0, cv::INTER_AREA);
  cv::resize(weights, weights, nodes, 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(weighted, weighted, {3, 3}, 0.6, 0.6, cv::BORDER_REPLICATE);
  cv::GaussianBlur(weights, weights, {3, 3}, 0.6, 0.6, cv::BORDER_REPLICATE);
  weights += cv::Scalar::all(kFieldPrior);
  cv::Mat field;
  cv::divide(weighted, weights, field);
  return field;
}

cv::Mat usable_pixels(const cv::Mat& observed, const std::vector<MaskTrack>& tracks, int frame_index, Size size,
                      const LightingOptions& options) {
  const int margin = cvRound(options.effect_margin * static_cast<float>(size.width));
  const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_RECT, {2 * margin + 1, 2 * margin + 1});
  cv::Mat usable;
  cv::dilate(union_mask(tracks, frame_index, size), usable, kernel);
  cv::bitwise_not(usable, usable);
  if (!observed.empty()) usable &= observed;
  return usable;
}

FrameLighting average(const std::vector<FrameLighting>& frames, int centre, int radius) {
  FrameLighting mean{{0, 0, 0}, {0, 0, 0}, {}};
  float total = 0.F;
  for (int t = std::max(0, centre - radius); t <= std::min(static_cast<int>(frames.size()) - 1, centre + radius); ++t) {
    const FrameLighting& f = frames[static_cast<std::size_t>(t)];
    const float w = static_cast<float>(radius + 1 - std::abs(t - centre));
    mean.gain += w * f.gain;
    mean.offset += w * f.offset;
    if (!f.field.empty()) mean.field = mean.field.empty() ? cv::Mat(w * f.field) : cv::Mat(mean.field + w * f.field);
    total += w;
  }
  mean.gain *= 1.F / total;
  mean.offset *= 1.F / total;
  mean.field *= 1.F / total;
  return mean;
}

/// Frames that show no background are lit as the nearest that does.
void fill_unseen(const std::vector<char>& is_seen, std::vector<FrameLighting>& frames) {
  const int count = static_cast<int>(frames.size());
  const auto seen_at = [&](int t) { return t >= 0 && t < count && is_seen[static_cast<std::size_t>(t)] != 0; };
  for (int t = 0; t < count; ++t)
    for (int gap = 1; gap < count && !seen_at(t); ++gap) {
      if (!seen_at(t - gap) && !seen_at(t + gap)) continue;
      frames[static_cast<std::size_t>(t)] = frames[static_cast<std::size_t>(seen_at(t - gap) ? t - gap : t + gap)];
      break;
    }
}

constexpr float kTukey = 4.685F;     // 95 % efficiency for Gaussian noise
constexpr float kSettled = 0.02F;    // levels that the fit still moves by
constexpr std::size_t kFewest = 50;  // samples
constexpr int kMostIterations = 12;

float median_of(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Line initial_line(const LineSamples& s) {
  std::vector<float> ratios;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    if (s.x[i] > 16.F) ratios.push_back(s.y[i] / s.x[i]);
  }
  return ratios.empty() ? Line{} : Line{median_of(std::move(ratios)), 0.F};
}

Line weighted_line(const LineSamples& s, const std::vector<float>& residuals) {
  const float sigma = robust_sigma(residuals);
  double sw = 1e-6, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    const double w = tukey_weight(residuals[i], sigma), x = s.x[i], y = s.y[i];
    sw += w, sx += w * x, sy += w * y, sxx += w * x * x, sxy += w * x * y;
  }
  // A weak pull of the offset to zero decides where the background has one brightness only.
  const double n = sw * 1.002, det = n * sxx - sx * sx;
  if (det < 1e-3) return {static_cast<float>(sxy / std::max(sxx, 1e-6)), 0.F};
  return {static_cast<float>((n * sxy - sx * sy) / det), static_cast<float>((sxx * sy - sx * sxy) / det)};
}

}  // namespace

FrameLighting fit_lighting(const cv::Mat& frame, const cv::Mat& plate, const cv::Mat& usable,
                           const LightingOptions& options) {
  const cv::Mat small_frame = thumbnail(frame), small_plate = thumbnail(plate), small_usable = thumbnail(usable);
  FrameLighting lighting;
  fit_global(small_frame, small_plate, small_usable, lighting);
  if (!options.field_size.empty()) {
    lighting.field = fit_field(small_frame, small_plate, small_usable, lighting, options.field_size);
  }
  return lighting;
}

std::vector<FrameLighting> estimate_lighting(const FrameSequence& source, const cv::Mat& plate, const cv::Mat& observed,
                                             const std::vector<MaskTrack>& tracks, const LightingOptions& options) {
  return estimate_lighting(source, plate, observed, tracks, CameraPlane(source.size()), options);
}

std::vector<FrameLighting> estimate_lighting(const FrameSequence& source, const cv::Mat& plate, const cv::Mat& observed,
                                             const std::vector<MaskTrack>& tracks, const CameraPlane& plane,
                                             const LightingOptions& options) {
  std::vector<FrameLighting> raw(static_cast<std::size_t>(source.count())), smooth;
  std::vector<char> is_seen(raw.size());
  for_frames("lighting", source.count(), options.show_progress, [&](int t) {
    const auto index = static_cast<std::size_t>(t);
    const cv::Mat seen = observed.empty() ? observed : plane.to_frame(observed, t, cv::INTER_NEAREST);
    const cv::Mat usable = usable_pixels(seen, tracks, t, source.size(), options);
    raw[index] = fit_lighting(source.frame(t), plane.to_frame(plate, t, cv::INTER_LINEAR), usable, options);
    is_seen[index] = cv::countNonZero(usable) > 0;
  });
  fill_unseen(is_seen, raw);
  for (int t = 0; t < source.count(); ++t) smooth.push_back(average(raw, t, options.smoothing_radius));
  return smooth;
}

cv::Mat lit_plate(const cv::Mat& plate, const FrameLighting& lighting) {
  cv::Mat lit;
  scaled_plate(plate, lighting).convertTo(lit, CV_8U);
  return lit;
}

cv::Mat unlit_frame(const cv::Mat& frame, const FrameLighting& lighting) {
  cv::Mat unlit;
  frame.convertTo(unlit, CV_32F);
  if (!lighting.field.empty()) {
    cv::Mat field;
    cv::resize(lighting.field, field, frame.size(), 0, 0, cv::INTER_CUBIC);
    unlit -= field;
  }
  const cv::Scalar offset(lighting.offset[0], lighting.offset[1], lighting.offset[2]);
  cv::subtract(unlit, offset, unlit);
  cv::Vec3d inverse;
  for (int c = 0; c < 3; ++c) inverse[c] = 1.0 / std::max(0.1F, lighting.gain[c]);
  cv::multiply(unlit, cv::Scalar(inverse[0], inverse[1], inverse[2]), unlit);
  unlit.convertTo(unlit, CV_8U);
  return unlit;
}

float robust_sigma(const std::vector<float>& residuals) {
  std::vector<float> absolute(residuals.size());
  std::transform(residuals.begin(), residuals.end(), absolute.begin(), [](float r) { return std::abs(r); });
  return std::max(0.7F, 1.4826F * median_of(std::move(absolute)));
}

float tukey_weight(float residual, float sigma) {
  const float u = residual / (kTukey * sigma);
  return std::abs(u) >= 1.F ? 0.F : (1.F - u * u) * (1.F - u * u);
}

Line fit_line(const LineSamples& s) {
  if (s.x.size() < kFewest) return {};
  Line line = initial_line(s);
  std::vector<float> residuals(s.x.size());
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      residuals[i] = s.y[i] - line.gain * s.x[i] - line.offset;
    }
    const Line next = weighted_line(s, residuals);
    const bool settled = std::abs(next.gain - line.gain) * 128.F + std::abs(next.offset - line.offset) < kSettled;
    line = next;
    if (settled) break;
  }
  return line;
}

}  // namespace retime

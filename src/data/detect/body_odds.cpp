#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "data/detect/foreground.hpp"

namespace retime {
namespace {

constexpr float kMostOdds = 3.F;
constexpr int kTextureWindow = 9;
constexpr float kTextureVariance = 60.F;  // of the backdrop's levels, from which its texture can be recognised

float ramp(float x, float from, float to) { return std::clamp((x - from) / (to - from), 0.F, 1.F); }

/// Log odds for a pixel that kept its colour and has `ratio` times the backdrop's brightness. In the middle, where
/// clothes and shadows look alike, they are about even: there the outline decides, sharp for bodies and soft for
/// shadows.
float brightness_odds(float ratio) {
  if (ratio < 1.F) return 2.5F * (1.F - ramp(ratio, 0.25F, 0.5F)) + 0.25F - 2.75F * ramp(ratio, 0.76F, 0.92F);
  return 2.5F * ramp(ratio, 1.25F, 1.6F) - 2.5F * (1.F - ramp(ratio, 1.05F, 1.25F));
}

/// `likeness`: in [-1, 1], how much the pixel's surroundings keep the backdrop's texture; 0 = no telling.
float odds_of_pixel(const cv::Vec3f& f, const cv::Vec3f& b, float noise, float likeness, const BodyOptions& o) {
  const cv::Vec3f d = f - b;
  const float change = std::sqrt(d.dot(d) / 2.F);
  const float least = std::max(o.least_change, o.changed * noise);
  const float bb = std::max(b.dot(b), 75.F);
  const float ratio = (f.dot(b) + 25.F) / (bb + 25.F);
  const cv::Vec3f rest = f - ratio * b;
  const float tint = std::sqrt(rest.dot(rest)) / o.tint;
  const float colour = std::max(brightness_odds(ratio), 2.5F * (tint - 1.F));
  const float odds = colour - 1.5F * likeness * (1.F - ramp(colour, 0.5F, 2.F));
  // Ratios and tints of small changes are noise.
  const float sure = ramp(change, least, 2.F * least);
  return std::clamp(sure * odds - 2.5F * (1.F - sure), -kMostOdds, kMostOdds);
}

/// Noise far above the picture's median is people who stood there while it was measured.
float highest_credible(const cv::Mat& noise) {
  std::vector<float> values(noise.begin<float>(), noise.end<float>());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return std::max(2.5F, 3.F * *middle);
}

cv::Mat box_mean(const cv::Mat& picture) {
  cv::Mat mean;
  cv::blur(picture, mean, {kTextureWindow, kTextureWindow});
  return mean;
}

cv::Mat grey_float(const cv::Mat& picture) {
  cv::Mat grey, result;
  cv::cvtColor(picture, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(result, CV_32F);
  return result;
}

/// Local correlation of the textures, centred so that unrelated ones give about -0.5, and 0 where the backdrop is
/// smooth.
cv::Mat texture_likeness(const cv::Mat& frame, const cv::Mat& backdrop) {
  const cv::Mat f = grey_float(frame), b = grey_float(backdrop);
  const cv::Mat mf = box_mean(f), mb = box_mean(b);
  const cv::Mat ff = box_mean(f.mul(f)) - mf.mul(mf), bb = box_mean(b.mul(b)) - mb.mul(mb);
  const cv::Mat fb = box_mean(f.mul(b)) - mf.mul(mb);
  cv::Mat likeness(frame.size(), CV_32F);
  for (int y = 0; y < frame.rows; ++y) {
    for (int x = 0; x < frame.cols; ++x) {
      const float vf = ff.at<float>(y, x), vb = bb.at<float>(y, x);
      const float correlation = fb.at<float>(y, x) / std::sqrt(std::max(vf * vb, 1.F));
      likeness.at<float>(y, x) = vb / (vb + kTextureVariance) * (1.5F * ramp(correlation, 0.4F, 0.9F) - 0.5F);
    }
  }
  return likeness;
}

cv::Mat smooth_float(const cv::Mat& picture) {
  cv::Mat smooth;
  picture.convertTo(smooth, CV_32F);
  cv::GaussianBlur(smooth, smooth, {0, 0}, 1.0);
  return smooth;
}

}  // namespace

cv::Mat body_odds(const cv::Mat& frame, const cv::Mat& backdrop, const cv::Mat& noise, const BodyOptions& options) {
  const cv::Mat f = smooth_float(frame), b = smooth_float(backdrop);
  const cv::Mat likeness = texture_likeness(frame, backdrop);
  const float most_noise = highest_credible(noise);
  cv::Mat odds(frame.size(), CV_32F);
  cv::parallel_for_({0, frame.rows}, [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y) {
      for (int x = 0; x < frame.cols; ++x) {
        odds.at<float>(y, x) =
            odds_of_pixel(f.at<cv::Vec3f>(y, x), b.at<cv::Vec3f>(y, x), std::min(noise.at<float>(y, x), most_noise),
                          likeness.at<float>(y, x), options);
      }
    }
  });
  return odds;
}

}  // namespace retime

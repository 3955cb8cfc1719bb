#include "data/detect/foreground.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <opencv2/imgproc/detail/gcgraph.hpp>
#include <vector>

namespace retime {
namespace {

constexpr int kCutWidth = 448;      // the cut runs on pictures of at most this width
constexpr float kEdgeLevels = 9.F;  // contrast, in levels, at which the outline's price falls to 0.6

struct CutInput {
  cv::Mat frame, backdrop, odds;
};

CutInput shrink(const CutInput& in) {
  if (in.frame.cols <= kCutWidth) return in;
  const int factor = (in.frame.cols + kCutWidth - 1) / kCutWidth;
  const cv::Size size((in.frame.cols + factor - 1) / factor, (in.frame.rows + factor - 1) / factor);
  CutInput out;
  cv::resize(in.frame, out.frame, size, 0, 0, cv::INTER_AREA);
  cv::resize(in.backdrop, out.backdrop, size, 0, 0, cv::INTER_AREA);
  cv::resize(in.odds, out.odds, size, 0, 0, cv::INTER_AREA);
  return out;
}

/// Price of an outline between two neighbours: low where the frame has an edge that the backdrop has not.
float edge_price(const CutInput& in, cv::Point p, cv::Point q, float smoothness) {
  const cv::Vec3f f = in.frame.at<cv::Vec3f>(p) - in.frame.at<cv::Vec3f>(q);
  const cv::Vec3f b = in.backdrop.at<cv::Vec3f>(p) - in.backdrop.at<cv::Vec3f>(q);
  const float contrast = std::max(0.F, std::sqrt(f.dot(f)) - std::sqrt(b.dot(b)));
  return smoothness * (0.05F + 0.95F * std::exp(-contrast * contrast / (2.F * kEdgeLevels * kEdgeLevels)));
}

/// The part of the picture that can hold an object: boxes around pixels that are not clearly background.
cv::Rect active_box(const cv::Mat& odds) {
  const cv::Rect whole(0, 0, odds.cols, odds.rows);
  cv::Mat candidates = odds > 0.F;
  cv::morphologyEx(candidates, candidates, cv::MORPH_OPEN, cv::Mat::ones(2, 2, CV_8U));
  cv::Rect box = cv::boundingRect(candidates);
  if (box.empty()) return {};
  return cv::Rect(box.x - 8, box.y - 8, box.width + 16, box.height + 16) & whole;
}

void add_links(cv::detail::GCGraph<float>& graph, const CutInput& in, const BodyOptions& options) {
  const int w = in.odds.cols, h = in.odds.rows;
  const auto link = [&](cv::Point p, cv::Point q, float scale) {
    const float price = scale * edge_price(in, p, q, options.smoothness);
    graph.addEdges(p.y * w + p.x, q.y * w + q.x, price, price);
  };
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      if (x + 1 < w) link({x, y}, {x + 1, y}, 1.F);
      if (y + 1 < h) link({x, y}, {x, y + 1}, 1.F);
      if (x + 1 < w && y + 1 < h) link({x, y}, {x + 1, y + 1}, 0.7F);
      if (x > 0 && y + 1 < h) link({x, y}, {x - 1, y + 1}, 0.7F);
    }
  }
}

cv::Mat least_cut(const CutInput& in, const BodyOptions& options) {
  const int w = in.odds.cols, h = in.odds.rows;
  cv::detail::GCGraph<float> graph;
  graph.create(static_cast<unsigned>(w * h), static_cast<unsigned>(8 * w * h));
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const float odds = in.odds.at<float>(y, x);
      graph.addTermWeights(graph.addVtx(), std::max(odds, 0.F), std::max(-odds, 0.F));
    }
  }
  add_links(graph, in, options);
  graph.maxFlow();
  cv::Mat mask(in.odds.size(), CV_8U);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) mask.at<uchar>(y, x) = graph.inSourceSegment(y * w + x) ? 255 : 0;
  }
  return mask;
}

cv::Mat blurred_inside(const cv::Mat& frame, const cv::Mat& inside, int radius, cv::Mat& weight) {
  cv::Mat masked = cv::Mat::zeros(frame.size(), CV_32FC3), colour;
  frame.convertTo(colour, CV_32F);
  colour.copyTo(masked, inside);
  inside.convertTo(weight, CV_32F, 1.0 / 255.0);
  const cv::Size window(2 * radius + 1, 2 * radius + 1);
  cv::blur(masked, masked, window);
  cv::blur(weight, weight, window);
  return masked;
}

/// True or false where the colour clearly tells object from backdrop, else `current`.
bool on_object_side(const cv::Vec3f& f, const cv::Vec3f& object, const cv::Vec3f& backdrop, bool current) {
  const cv::Vec3f span = object - backdrop;
  const float length2 = span.dot(span);
  return length2 < 600.F ? current : (f - backdrop).dot(span) > 0.5F * length2;
}

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
float highest_credible(const cv::Mat& noise, float times) {
  std::vector<float> values(noise.begin<float>(), noise.end<float>());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return std::max(2.5F, times * *middle);
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

cv::Mat cut_bodies(const cv::Mat& frame, const cv::Mat& backdrop, const cv::Mat& noise, const BodyOptions& options) {
  CutInput in{{}, {}, body_odds(frame, backdrop, noise, options)};
  frame.convertTo(in.frame, CV_32F);
  backdrop.convertTo(in.backdrop, CV_32F);
  in = shrink(in);
  cv::Mat mask = cv::Mat::zeros(in.odds.size(), CV_8U);
  const cv::Rect box = active_box(in.odds);
  if (!box.empty()) least_cut({in.frame(box), in.backdrop(box), in.odds(box)}, options).copyTo(mask(box));
  cv::resize(mask, mask, frame.size(), 0, 0, cv::INTER_LINEAR);
  return mask > 127;
}

void refine_outline(const cv::Mat& frame, const cv::Mat& backdrop, cv::Mat& mask) {
  const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5});
  cv::Mat inner, outer, weight;
  cv::erode(mask, inner, kernel);
  cv::dilate(mask, outer, kernel);
  const cv::Mat colour = blurred_inside(frame, inner, 5, weight);
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      const float w = weight.at<float>(y, x);
      if (outer.at<uchar>(y, x) == 0 || inner.at<uchar>(y, x) != 0 || w < 0.02F) continue;
      uchar& m = mask.at<uchar>(y, x);
      m = on_object_side(frame.at<cv::Vec3b>(y, x), colour.at<cv::Vec3f>(y, x) / w, backdrop.at<cv::Vec3b>(y, x), m > 0)
              ? 255
              : 0;
    }
  }
}

cv::Mat body_odds(const cv::Mat& frame, const cv::Mat& backdrop, const cv::Mat& noise, const BodyOptions& options) {
  const cv::Mat f = smooth_float(frame), b = smooth_float(backdrop);
  const cv::Mat likeness = texture_likeness(frame, backdrop);
  const float most_noise = highest_credible(noise, options.credible);
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

#include "data/matting/effect_regions.hpp"

#include <algorithm>
#include <limits>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

/// Smoothing evens out compression noise before the threshold: little for edges, much for wide soft shadows.
struct Scale {
  double sigma;      // pixels
  float noise_left;  // share of the noise that is left, which is not white
};
constexpr Scale kScales[] = {{1.5, 0.6F}, {5.0, 0.35F}};
constexpr float kQuietQuantile = 0.9F;  // of the changes far from objects, which should be noise
constexpr float kQuietRatio = 1.6F;     // what it is, in standard deviations, in a frame like the others
constexpr float kMostFactor = 1.7F;     // by which a noisier frame raises the threshold
constexpr float kTouching = 0.015F;     // of the width: regions this near to an object are connected to it
constexpr float kSpeck = 0.0003F;       // of the picture: separate regions smaller than this are none
constexpr float kBodyEdge = 0.006F;     // of the width: nearer to a mask than this, a pixel may show the body
constexpr float kRim = 0.02F;           // of the width: as far from a sure change ...
constexpr float kRimThreshold = 0.5F;   // ... so many times the standard deviations are enough
constexpr float kRegion = 0.05F;        // weights above this make regions
constexpr float kFade = 0.8F;           // of a reach: from here on effects fade
constexpr float kFaint = 0.02F;         // weights below this show no effect
constexpr int kMostClaimants = 31;      // bits of a claim; objects beyond claim nothing
constexpr float kSure = 1.3F;           // times `high`: what a separate region must reach to be an effect

cv::Mat strongest_channel(const cv::Mat& difference, double sigma) {
  cv::Mat small = difference, smooth, peak, channel;
  const int shrink = sigma > 3.0 ? 4 : 1;  // wide blurs are as good, and faster, on fewer pixels
  if (shrink > 1) cv::resize(difference, small, {}, 1.0 / shrink, 1.0 / shrink, cv::INTER_AREA);
  cv::GaussianBlur(small, smooth, {0, 0}, sigma / shrink);
  cv::extractChannel(smooth, peak, 0);
  peak = cv::abs(peak);
  for (int c = 1; c < 3; ++c) {
    cv::extractChannel(smooth, channel, c);
    cv::max(peak, cv::abs(channel), peak);
  }
  if (shrink > 1) cv::resize(peak, peak, difference.size(), 0, 0, cv::INTER_LINEAR);
  return peak;
}

/// The change in standard deviations, at the scale that shows it best.
cv::Mat change_ratio(const cv::Mat& difference, const cv::Mat& noise, const EffectLimits& limits) {
  cv::Mat best = cv::Mat::zeros(difference.size(), CV_32F), ratio;
  for (const Scale& scale : kScales) {
    const cv::Mat sigma = cv::max(scale.noise_left * noise, limits.least_levels / limits.low);
    cv::divide(strongest_channel(difference, scale.sigma), sigma, ratio);
    cv::max(best, ratio, best);
  }
  return best;
}

struct Reach {
  cv::Mat distance;   // CV_32F, to the nearest object, as a share of its far reach
  cv::Mat pixels;     // CV_32F, the same in pixels
  cv::Mat owner;      // CV_32S
  cv::Mat claimants;  // CV_32S, a bit for every object that the pixel is in reach of
};

Reach measure_reach(cv::Size size, const std::vector<BoxMask>& anchors, const EffectLimits& limits) {
  const float far = std::numeric_limits<float>::max();
  Reach result{cv::Mat(size, CV_32F, cv::Scalar(far)), cv::Mat(size, CV_32F, cv::Scalar(far)),
               cv::Mat(size, CV_32S, cv::Scalar(-1)), cv::Mat::zeros(size, CV_32S)};
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (anchors[i].empty()) continue;
    cv::Mat outside(size, CV_8U, cv::Scalar(255)), distance;
    outside(anchors[i].box).setTo(0, anchors[i].crop());
    cv::distanceTransform(outside, distance, cv::DIST_L2, 3);
    const float reach = effect_reach(anchors[i].box, size, limits);
    const cv::Mat nearer = distance < result.pixels;
    distance.copyTo(result.pixels, nearer);
    result.owner.setTo(static_cast<int>(i), nearer);
    cv::Mat(distance / reach).copyTo(result.distance, nearer);
    cv::bitwise_or(result.claimants, claim_bit(static_cast<int>(i)), result.claimants, distance < reach);
  }
  return result;
}

/// By how much this frame is noisier than the noise map says, from pixels that few effects reach: further than `near`.
float frame_noise_factor(const cv::Mat& ratio, const cv::Mat& distance, float near) {
  std::vector<float> quiet;
  for (int y = 0; y < ratio.rows; y += 2) {
    for (int x = 0; x < ratio.cols; x += 2) {
      if (distance.at<float>(y, x) > near) quiet.push_back(ratio.at<float>(y, x));
    }
  }
  if (quiet.size() < 500) return 1.F;
  const auto rank = static_cast<std::ptrdiff_t>(kQuietQuantile * static_cast<float>(quiet.size()));
  std::nth_element(quiet.begin(), quiet.begin() + rank, quiet.end());
  return std::clamp(quiet[static_cast<std::size_t>(rank)] / kQuietRatio, 1.F, kMostFactor);
}

float smooth_step(float x, float low, float high) {
  const float t = std::clamp((x - low) / (high - low), 0.F, 1.F);
  return t * t * (3.F - 2.F * t);
}

/// 1 near an object, falling to 0 at `end` of its far reach.
float fade(float distance, float end) { return 1.F - smooth_step(distance, kFade * end, end); }

/// Where the smoothed frame is darker than the backdrop in all channels, CV_8U.
cv::Mat darker(const cv::Mat& difference) {
  cv::Mat smooth;
  cv::GaussianBlur(difference, smooth, {0, 0}, kScales[0].sigma);
  cv::Mat result;
  cv::inRange(smooth, cv::Scalar::all(-255), cv::Scalar::all(0), result);
  return result;
}

/// How sure a change is, 0 to 1. Next to changes that are beyond doubt, half as many standard deviations are enough:
/// the soft rims of shadows.
cv::Mat sureness(const cv::Mat& ratio, const EffectLimits& limits) {
  const int radius = std::max(1, cvRound(kRim * static_cast<float>(ratio.cols)));
  const cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1});
  cv::Mat near_sure, result(ratio.size(), CV_32F);
  cv::dilate(ratio > limits.high, near_sure, disc);
  for (int y = 0; y < ratio.rows; ++y) {
    for (int x = 0; x < ratio.cols; ++x) {
      const float times = near_sure.at<uchar>(y, x) != 0 ? kRimThreshold : 1.F;
      result.at<float>(y, x) = smooth_step(ratio.at<float>(y, x), times * limits.low, times * limits.high);
    }
  }
  return result;
}

/// Where the frame changes within the reach: within the far one if it gets darker.
cv::Mat change_weight(const cv::Mat& ratio, const cv::Mat& difference, const Reach& reach, const EffectLimits& limits) {
  const cv::Mat shadow = darker(difference);
  const float near = limits.reach / limits.far_reach;
  cv::Mat weight = sureness(ratio, limits);
  for (int y = 0; y < ratio.rows; ++y) {
    for (int x = 0; x < ratio.cols; ++x) {
      const float end = shadow.at<uchar>(y, x) != 0 ? 1.F : near;
      weight.at<float>(y, x) *= fade(reach.distance.at<float>(y, x), end);
    }
  }
  return weight;
}

struct Region {
  cv::Rect box;
  cv::Mat inside;  // CV_8U, of the box
  int area;
};

std::vector<Region> regions_of(const cv::Mat& weight) {
  cv::Mat labels, stats, centres;
  const int n = cv::connectedComponentsWithStats(weight > kRegion, labels, stats, centres);
  std::vector<Region> regions;
  for (int label = 1; label < n; ++label) {
    const cv::Rect box(stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
                       stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT));
    regions.push_back({box, labels(box) == label, stats.at<int>(label, cv::CC_STAT_AREA)});
  }
  return regions;
}

double largest_inside(const cv::Mat& values, const Region& region) {
  double largest = 0;
  cv::minMaxLoc(values(region.box), nullptr, &largest, nullptr, nullptr, region.inside);
  return largest;
}

bool is_connected(const Region& region, const Reach& reach) {
  double nearest = 0;
  cv::minMaxLoc(reach.pixels(region.box), &nearest, nullptr, nullptr, nullptr, region.inside);
  return nearest <= kTouching * static_cast<float>(reach.pixels.cols);
}

/// Regions that no object touches stay only as far as they are near, and only if they are sure enough to stand alone.
void limit_separate(const cv::Mat& ratio, const Reach& reach, const EffectLimits& limits, cv::Mat& weight) {
  const float near = limits.reach / limits.far_reach, speck = kSpeck * static_cast<float>(weight.total());
  cv::Mat separate = weight.clone();
  for (const Region& region : regions_of(weight)) {
    if (is_connected(region, reach)) separate(region.box).setTo(0.F, region.inside);
  }
  weight -= separate;
  for (int y = 0; y < weight.rows; ++y) {
    for (int x = 0; x < weight.cols; ++x) separate.at<float>(y, x) *= fade(reach.distance.at<float>(y, x), near);
  }
  for (const Region& region : regions_of(separate)) {
    const bool sure = largest_inside(ratio, region) > kSure * limits.high;
    if (static_cast<float>(region.area) < speck || !sure) separate(region.box).setTo(0.F, region.inside);
  }
  weight += separate;
}

/// Keeps the claimants of effects that are seen, that are no body's edge, and that several objects are in reach of.
cv::Mat rival_claimants(const Reach& reach, const cv::Mat& weight) {
  cv::Mat claimants = reach.claimants.clone();
  claimants.setTo(0, reach.pixels <= kBodyEdge * static_cast<float>(claimants.cols));
  claimants.setTo(0, weight < kFaint);
  for (int y = 0; y < claimants.rows; ++y) {
    for (int x = 0; x < claimants.cols; ++x) {
      int& bits = claimants.at<int>(y, x);
      if ((bits & (bits - 1)) == 0) bits = 0;
    }
  }
  return claimants;
}

}  // namespace

int claim_bit(int object) { return object < kMostClaimants ? 1 << object : 0; }

float effect_reach(const cv::Rect& box, cv::Size size, const EffectLimits& limits) {
  const bool cut = box.x <= 1 || box.y <= 1 || box.br().x >= size.width - 1 || box.br().y >= size.height - 1;
  const float least = (cut ? limits.border_reach : limits.min_reach) * static_cast<float>(size.width);
  return std::max(limits.reach * static_cast<float>(box.height), least) * limits.far_reach / limits.reach;
}

EffectRegions find_effects(const cv::Mat& difference, const cv::Mat& noise, const std::vector<BoxMask>& anchors,
                           const EffectLimits& limits) {
  const Reach reach = measure_reach(difference.size(), anchors, limits);
  cv::Mat ratio = change_ratio(difference, noise, limits);
  ratio /= frame_noise_factor(ratio, reach.distance, limits.reach / limits.far_reach);
  EffectRegions regions{change_weight(ratio, difference, reach, limits), reach.owner, {}};
  limit_separate(ratio, reach, limits, regions.weight);
  cv::GaussianBlur(regions.weight, regions.weight, {0, 0}, 1.0);
  regions.claimants = rival_claimants(reach, regions.weight);
  return regions;
}

}  // namespace retime

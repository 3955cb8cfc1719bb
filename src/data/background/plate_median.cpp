#include "data/background/plate_median.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

namespace retime {
namespace {

constexpr std::size_t kFewestSamples = 3;  // a median of fewer is not trusted while a wider choice is left
constexpr std::size_t kLitShare = 8;       // a brighter group of at least this part of the samples ...
constexpr std::size_t kLitFewest = 4;      // ... and at least as many may be the background without a shadow ...
constexpr float kHueChange = 0.25F;        // of its step in logarithms, by which the channels' may differ ...
constexpr float kHueNoise = 0.03F;         // ... and besides
constexpr float kMostStep = 1.1F;          // likewise in logarithms: shadows leave a third of the light
constexpr float kLitSpread = 4.F;          // ... if they agree to so many levels, or standard deviations of noise ...
constexpr float kLitStep = 2.F;            // ... and are brighter by at least as many of either than the median
constexpr float kFlickering = 0.01F;  // of a row's pixels that no object is near: more that get brighter are no shadows
constexpr float kQuarter = 2.2F;  // standard deviations of noise in the lower quartile of differences of two samples
constexpr float kUnknownNoise = 3.F;

/// One sample's pixels in one row of the plate: those at [begin, end).
struct SampleRow {
  int begin = 0, end = 0;
  const cv::Vec3b* color = nullptr;
  const uchar* cover = nullptr;
};

std::vector<SampleRow> rows_at(const std::vector<PlateSample>& samples, int y) {
  std::vector<SampleRow> rows;
  for (const PlateSample& s : samples) {
    if (y < s.box.y || y >= s.box.br().y) continue;
    rows.push_back({s.box.x, s.box.br().x, s.color.ptr<cv::Vec3b>(y - s.box.y), s.cover.ptr<uchar>(y - s.box.y)});
  }
  return rows;
}

/// Counts bytes, for their median and the spread around it.
class ByteCounts {
 public:
  void clear() {
    fine_.fill(0);
    coarse_.fill(0);
    total_ = 0;
  }

  void add(uchar value) {
    ++fine_[value];
    ++coarse_[value / kCoarse];
    ++total_;
  }

  int median() const {
    int below = 0, value = 0;
    for (; below + coarse_[static_cast<std::size_t>(value)] <= total_ / 2; ++value)
      below += coarse_[static_cast<std::size_t>(value)];
    value *= kCoarse;
    for (; below + fine_[static_cast<std::size_t>(value)] <= total_ / 2; ++value)
      below += fine_[static_cast<std::size_t>(value)];
    return value;
  }

  /// Median of the absolute differences from `level`.
  int median_distance_from(int level) const {
    int distance = 0;
    for (int within = count(level); within <= total_ / 2;) {
      ++distance;
      within += count(level - distance) + count(level + distance);
    }
    return distance;
  }

 private:
  static constexpr int kCoarse = 16;

  int count(int value) const { return value < 0 || value > 255 ? 0 : fine_[static_cast<std::size_t>(value)]; }

  std::array<std::uint16_t, 256> fine_{};
  std::array<std::uint16_t, 256 / kCoarse> coarse_{};
  int total_ = 0;
};

/// A pixel of the plate and the spread around it.
struct PlatePixel {
  cv::Vec3b color;
  float noise = 0.F;  ///< 1.4826 * MAD, of the noisiest channel
};

/// One sample of a pixel.
struct Lit {
  float level;  ///< mean of the channels
  cv::Vec3b color;
  uchar cover;
};

bool agree(const Lit& brighter, const Lit& darker, float noise) {
  return brighter.level - darker.level <= kLitSpread * noise;
}

cv::Vec3f mean_color(const Lit* begin, const Lit* end) {
  cv::Vec3f sum;
  for (const Lit* sample = begin; sample != end; ++sample) sum += cv::Vec3f(sample->color);
  return sum / static_cast<float>(end - begin);
}

/// Whether the brighter group has the hue of the samples that were chosen: shadows darken all channels about alike,
/// foam and cloth that the mask leaves out do not.
bool has_hue_of(const cv::Vec3f& dark, const cv::Vec3f& bright) {
  float least = std::numeric_limits<float>::max(), most = std::numeric_limits<float>::lowest(), sum = 0.F;
  for (int c = 0; c < 3; ++c) {
    const float step = std::log((bright[c] + 1.F) / (dark[c] + 1.F));
    least = std::min(least, step);
    most = std::max(most, step);
    sum += step;
  }
  return sum / 3.F < kMostStep && most - least <= kHueChange * sum / 3.F + kHueNoise;
}

/// Samples that are brighter than those chosen and agree with each other.
struct BrighterGroup {
  const Lit* begin = nullptr;  ///< equal to `end` if there is none
  const Lit* end = nullptr;
  bool is_explained = false;  ///< by objects near the darker ones

  bool empty() const { return begin == end; }
};

/// What the samples say about one pixel at a time. Its memory is kept from pixel to pixel.
class PixelSamples {
 public:
  void gather(const std::vector<SampleRow>& rows, int x) {
    all_.clear();
    chosen_.clear();
    int shown = 0, free = 0;
    for (const SampleRow& row : rows) {
      if (x < row.begin || x >= row.end) continue;
      const uchar cover = row.cover[x - row.begin];
      ++shown;
      free += cover == kFree;
      if (cover > kNearObject) continue;
      const cv::Vec3b& c = row.color[x - row.begin];
      all_.push_back({static_cast<float>(c[0] + c[1] + c[2]) / 3.F, c, cover});
      if (cover <= kInReach) chosen_.push_back(all_.back());
    }
    if (chosen_.size() < kFewestSamples) chosen_ = all_;
    is_free_ = shown > 0 && 10 * free >= 9 * shown;
  }

  /// Whether hardly any sample is within an object's reach.
  bool is_free() const { return is_free_; }
  bool is_seen() const { return !chosen_.empty(); }

  /// Median of the samples with the least cover that enough of them have; kObject never. Of those there is one.
  PlatePixel usual() { return pixel_of(chosen_.data(), chosen_.data() + chosen_.size()); }

  /// Where shadows lie on a pixel most of the time, the median shows them. A brighter group of samples is the
  /// background without them.
  BrighterGroup find_brighter() {
    const std::size_t group = std::max<std::size_t>(kLitFewest, all_.size() / kLitShare);
    if (all_.size() <= group) return {};
    const float noise = noise_of_all(), usual = median_level();
    if (level_of_rank(group / 2) - usual < kLitStep * noise) return {};  // no group's middle is brighter than that
    std::sort(all_.begin(), all_.end(), [](const Lit& a, const Lit& b) { return a.level > b.level; });
    for (std::size_t i = 0; i + group < all_.size(); ++i) {
      if (!agree(all_[i], all_[i + group - 1], noise)) continue;
      std::size_t last = i;
      while (last < all_.size() && agree(all_[i], all_[last], noise)) ++last;
      if (all_[(i + last) / 2].level - usual < kLitStep * noise) return {};
      const Lit* samples = all_.data();
      if (has_hue_of(mean_color(chosen_.data(), chosen_.data() + chosen_.size()),
                     mean_color(samples + i, samples + last)))
        return {samples + i, samples + last, in_reach(last)};
    }
    return {};
  }

  PlatePixel pixel_of(const BrighterGroup& group) { return pixel_of(group.begin, group.end); }

 private:
  PlatePixel pixel_of(const Lit* begin, const Lit* end) {
    PlatePixel pixel;
    for (int c = 0; c < 3; ++c) {
      counts_.clear();
      for (const Lit* sample = begin; sample != end; ++sample) counts_.add(sample->color[c]);
      const int level = counts_.median();
      pixel.color[c] = static_cast<uchar>(level);
      pixel.noise = std::max(pixel.noise, 1.4826F * static_cast<float>(counts_.median_distance_from(level)));
    }
    return pixel;
  }

  /// Standard deviation of the noise, at least 1 level, from the quarter of the samples that differ least from those
  /// before them: there, no shadow's edge passed.
  float noise_of_all() {
    values_.clear();
    for (std::size_t i = 1; i < all_.size(); ++i) values_.push_back(std::abs(all_[i].level - all_[i - 1].level));
    return std::max(1.F, kQuarter * value_of_rank(values_.size() / 4));
  }

  float median_level() {
    values_.clear();
    for (const Lit& sample : chosen_) values_.push_back(sample.level);
    return value_of_rank(values_.size() / 2);
  }

  /// The level that `rank` samples exceed or equal.
  float level_of_rank(std::size_t rank) {
    values_.clear();
    for (const Lit& sample : all_) values_.push_back(sample.level);
    return value_of_rank(values_.size() - 1 - rank);
  }

  /// The value that `rank` others do not exceed.
  float value_of_rank(std::size_t rank) {
    const auto place = values_.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values_.begin(), place, values_.end());
    return *place;
  }

  /// Whether objects are near enough for their shadows to explain nearly all of the samples from `first` on.
  bool in_reach(std::size_t first) const {
    std::size_t reached = 0;
    for (std::size_t i = first; i < all_.size(); ++i) reached += all_[i].cover != kFree;
    return 10 * reached >= 9 * (all_.size() - first);
  }

  std::vector<Lit> all_, chosen_;  // all: in the order of the frames until they are sorted
  bool is_free_ = false;
  std::vector<float> values_;
  ByteCounts counts_;
};

void set_pixel(const PlatePixel& pixel, int x, int y, Plate& plate) {
  plate.color.at<cv::Vec3b>(y, x) = pixel.color;
  plate.observed.at<uchar>(y, x) = 255;
  plate.noise.at<float>(y, x) = pixel.noise;
}

void median_row(const std::vector<SampleRow>& rows, int y, PixelSamples& samples, Plate& plate) {
  std::vector<std::pair<int, PlatePixel>> brighter;  // pixels as they are without shadows
  int free = 0, unexplained = 0;
  for (int x = 0; x < plate.color.cols; ++x) {
    samples.gather(rows, x);
    if (!samples.is_seen()) {
      free += samples.is_free();
      continue;
    }
    set_pixel(samples.usual(), x, y, plate);
    const BrighterGroup group = samples.find_brighter();
    if (group.is_explained) brighter.emplace_back(x, samples.pixel_of(group));
    free += samples.is_free();
    unexplained += samples.is_free() && !group.empty() && !group.is_explained;
  }
  // Where pixels that no object is near get darker as well, darkness is waves or foliage, not shadows.
  if (static_cast<float>(unexplained) > kFlickering * static_cast<float>(free)) return;
  for (const auto& [x, pixel] : brighter) set_pixel(pixel, x, y, plate);
}

}  // namespace

Plate empty_plate(Size size) {
  Plate plate;
  plate.color = cv::Mat::zeros(size.height, size.width, CV_8UC3);
  plate.observed = cv::Mat::zeros(size.height, size.width, CV_8U);
  plate.noise = cv::Mat(size.height, size.width, CV_32F, cv::Scalar(kUnknownNoise));
  return plate;
}

void median_rows(const std::vector<PlateSample>& samples, cv::Range rows, Plate& plate) {
  cv::parallel_for_(rows, [&](const cv::Range& range) {
    PixelSamples pixel;
    for (int y = range.start; y < range.end; ++y) median_row(rows_at(samples, y), y, pixel, plate);
  });
}

}  // namespace retime

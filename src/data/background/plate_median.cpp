#include "data/background/plate_median.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace retime {
namespace {

constexpr int kFewestSamples = 3;     // a median of fewer is not trusted while a wider choice is left
constexpr int kLitShare = 8;          // a brighter group of at least this part of the samples ...
constexpr int kLitFewest = 4;         // ... and at least as many may be the background without a shadow ...
constexpr float kHueChange = 0.25F;   // of its step in logarithms, by which the channels' may differ ...
constexpr float kHueNoise = 0.03F;    // ... and besides
constexpr float kMostStep = 1.1F;     // likewise in logarithms: shadows leave a third of the light
constexpr float kLitSpread = 4.F;     // ... if they agree to so many levels, or standard deviations of noise ...
constexpr float kLitStep = 2.F;       // ... and are brighter by at least as many of either than the median
constexpr float kFlickering = 0.01F;  // of a row's pixels that no object is near: more that get brighter are no shadows
constexpr float kQuarter = 2.2F;  // standard deviations of noise in the lower quartile of differences of two samples
constexpr float kUnknownNoise = 3.F;

/// One sample's pixels in one row of the plate: those at [begin, end).
struct SampleRow {
  int begin = 0, end = 0;
  const cv::Vec3b* color = nullptr;
  const uchar* cover = nullptr;

  uchar cover_at(int x) const { return x < begin || x >= end ? static_cast<uchar>(kObject) : cover[x - begin]; }
};

std::vector<SampleRow> rows_at(const std::vector<PlateSample>& samples, int y) {
  std::vector<SampleRow> rows;
  for (const PlateSample& s : samples) {
    if (y < s.box.y || y >= s.box.br().y) continue;
    rows.push_back({s.box.x, s.box.br().x, s.color.ptr<cv::Vec3b>(y - s.box.y), s.cover.ptr<uchar>(y - s.box.y)});
  }
  return rows;
}

/// Median of `count` bytes, which it reorders.
uchar median_of(uchar* values, int count) {
  std::nth_element(values, values + count / 2, values + count);
  return values[count / 2];
}

using Samples = std::vector<const SampleRow*>;

/// The samples of one pixel with at most so much cover.
Samples samples_up_to(uchar cover, const std::vector<SampleRow>& rows, int x) {
  Samples samples;
  for (const SampleRow& row : rows) {
    if (row.cover_at(x) <= cover) samples.push_back(&row);
  }
  return samples;
}

/// Those with the least cover that enough of them have; kObject never.
Samples choose_samples(const std::vector<SampleRow>& rows, int x) {
  Samples chosen = samples_up_to(kInReach, rows, x);
  return static_cast<int>(chosen.size()) < kFewestSamples ? samples_up_to(kNearObject, rows, x) : chosen;
}

/// One sample's pixel, for comparing.
struct Lit {
  float level;  // mean of the channels
  const SampleRow* row;
};

float level_at(const SampleRow& row, int x) {
  const cv::Vec3b& c = row.color[x - row.begin];
  return static_cast<float>(c[0] + c[1] + c[2]) / 3.F;
}

/// The value that one in `divisor` of them does not exceed.
float quantile_of(std::vector<float> values, std::size_t divisor) {
  const auto rank = values.begin() + static_cast<std::ptrdiff_t>(values.size() / divisor);
  std::nth_element(values.begin(), rank, values.end());
  return *rank;
}

float median_level(const Samples& samples, int x) {
  std::vector<float> levels;
  for (const SampleRow* row : samples) levels.push_back(level_at(*row, x));
  return levels.empty() ? 0.F : quantile_of(std::move(levels), 2);
}

/// Standard deviation of the noise, at least 1 level, from the quarter of the samples that differ least from those
/// before them: there, no shadow's edge passed.
float noise_at(const Samples& all, int x) {
  std::vector<float> steps;
  for (std::size_t i = 1; i < all.size(); ++i)
    steps.push_back(std::abs(level_at(*all[i], x) - level_at(*all[i - 1], x)));
  return steps.empty() ? 1.F : std::max(1.F, kQuarter * quantile_of(std::move(steps), 4));
}

cv::Vec3f mean_color(const Samples& samples, int x) {
  cv::Vec3f sum;
  for (const SampleRow* row : samples) sum += cv::Vec3f(row->color[x - row->begin]);
  return sum / static_cast<float>(samples.size());
}

std::vector<Lit> brightest_first(const Samples& all, int x) {
  std::vector<Lit> samples;
  for (const SampleRow* row : all) samples.push_back({level_at(*row, x), row});
  std::sort(samples.begin(), samples.end(), [](const Lit& a, const Lit& b) { return a.level > b.level; });
  return samples;
}

/// Whether objects are near enough for their shadows to explain nearly all of the samples from `first` on.
bool in_reach(const std::vector<Lit>& samples, std::size_t first, int x) {
  std::size_t reached = 0;
  for (std::size_t i = first; i < samples.size(); ++i) reached += samples[i].row->cover_at(x) != kFree;
  return 10 * reached >= 9 * (samples.size() - first);
}

/// Whether hardly any sample is within an object's reach.
bool is_free(const std::vector<SampleRow>& rows, int x) {
  std::size_t count = 0, free = 0;
  for (const SampleRow& row : rows) {
    if (x < row.begin || x >= row.end) continue;
    ++count;
    free += row.cover_at(x) == kFree;
  }
  return count > 0 && 10 * free >= 9 * count;
}

/// Whether the brighter group has the hue of the samples that were chosen: shadows darken all channels about alike,
/// foam and cloth that the mask leaves out do not.
bool has_hue_of(const Samples& chosen, const Samples& lit, int x) {
  const cv::Vec3f dark = mean_color(chosen, x), bright = mean_color(lit, x);
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
  Samples samples;
  bool is_explained = false;  ///< by objects near the darker ones
};

/// Where shadows lie on a pixel most of the time, the median shows them. A brighter group of samples is the background
/// without them.
BrighterGroup find_brighter(const Samples& all, const Samples& chosen, int x) {
  const std::vector<Lit> samples = brightest_first(all, x);
  const auto group = std::max<std::size_t>(kLitFewest, samples.size() / kLitShare);
  const float noise = noise_at(all, x), usual = median_level(chosen, x);
  const auto agree = [&](const Lit& a, const Lit& b) { return a.level - b.level <= kLitSpread * noise; };
  for (std::size_t i = 0; i + group < samples.size(); ++i) {
    if (!agree(samples[i], samples[i + group - 1])) continue;
    BrighterGroup found;
    std::size_t last = i;
    for (; last < samples.size() && agree(samples[i], samples[last]); ++last)
      found.samples.push_back(samples[last].row);
    if (samples[(i + last) / 2].level - usual < kLitStep * noise) return {};
    if (!has_hue_of(chosen, found.samples, x)) continue;
    found.is_explained = in_reach(samples, last, x);
    return found;
  }
  return {};
}

/// Whether pixels that no object is near get darker as well: then darkness is waves or foliage here, not shadows.
bool flickers(const std::vector<SampleRow>& rows, const std::vector<BrighterGroup>& brighter) {
  int free = 0, unexplained = 0;
  for (std::size_t x = 0; x < brighter.size(); ++x) {
    if (!is_free(rows, static_cast<int>(x))) continue;
    ++free;
    unexplained += !brighter[x].samples.empty() && !brighter[x].is_explained;
  }
  return static_cast<float>(unexplained) > kFlickering * static_cast<float>(free);
}

/// Median and 1.4826 * MAD of the chosen samples in one channel.
std::pair<uchar, float> robust_level(const Samples& chosen, int x, int channel, std::vector<uchar>& scratch) {
  const int n = static_cast<int>(chosen.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) scratch[i] = chosen[i]->color[x - chosen[i]->begin][channel];
  const uchar level = median_of(scratch.data(), n);
  for (std::size_t i = 0; i < chosen.size(); ++i) scratch[i] = static_cast<uchar>(std::abs(scratch[i] - level));
  return {level, 1.4826F * static_cast<float>(median_of(scratch.data(), n))};
}

void median_row(const std::vector<PlateSample>& samples, int y, Plate& plate) {
  const std::vector<SampleRow> rows = rows_at(samples, y);
  std::vector<Samples> usual;
  std::vector<BrighterGroup> brighter;
  for (int x = 0; x < plate.color.cols; ++x) {
    usual.push_back(choose_samples(rows, x));
    brighter.push_back(find_brighter(samples_up_to(kNearObject, rows, x), usual.back(), x));
  }
  const bool prefers_brighter = !flickers(rows, brighter);
  std::vector<uchar> scratch(rows.size());
  for (std::size_t i = 0; i < usual.size(); ++i) {
    const int x = static_cast<int>(i);
    const Samples& chosen = prefers_brighter && brighter[i].is_explained ? brighter[i].samples : usual[i];
    if (chosen.empty()) continue;
    float noise = 0.F;
    for (int c = 0; c < 3; ++c) {
      const auto [level, spread] = robust_level(chosen, x, c, scratch);
      plate.color.at<cv::Vec3b>(y, x)[c] = level;
      noise = std::max(noise, spread);
    }
    plate.observed.at<uchar>(y, x) = 255;
    plate.noise.at<float>(y, x) = noise;
  }
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
    for (int y = range.start; y < range.end; ++y) median_row(samples, y, plate);
  });
}

}  // namespace retime

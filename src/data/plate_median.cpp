#include "data/plate_median.hpp"

#include <algorithm>
#include <cstdlib>

namespace retime {
namespace {

constexpr int kFewestSamples = 3;  // a median of fewer is not trusted while a wider choice is left
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

/// Chooses the samples of one pixel with the least cover that enough of them have; kObject never.
void choose_samples(const std::vector<SampleRow>& rows, int x, std::vector<const SampleRow*>& chosen) {
  for (const uchar limit : {kFree, kNearObject}) {
    chosen.clear();
    for (const SampleRow& row : rows) {
      if (row.cover_at(x) <= limit) chosen.push_back(&row);
    }
    if (static_cast<int>(chosen.size()) >= kFewestSamples) break;
  }
}

/// Median and 1.4826 * MAD of the chosen samples in one channel.
std::pair<uchar, float> robust_level(const std::vector<const SampleRow*>& chosen, int x, int channel,
                                     std::vector<uchar>& scratch) {
  const int n = static_cast<int>(chosen.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) scratch[i] = chosen[i]->color[x - chosen[i]->begin][channel];
  const uchar level = median_of(scratch.data(), n);
  for (std::size_t i = 0; i < chosen.size(); ++i) scratch[i] = static_cast<uchar>(std::abs(scratch[i] - level));
  return {level, 1.4826F * static_cast<float>(median_of(scratch.data(), n))};
}

void median_row(const std::vector<PlateSample>& samples, int y, Plate& plate) {
  const std::vector<SampleRow> rows = rows_at(samples, y);
  std::vector<const SampleRow*> chosen;
  std::vector<uchar> scratch(rows.size());
  for (int x = 0; x < plate.color.cols; ++x) {
    choose_samples(rows, x, chosen);
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

#include "data/plate.hpp"

#include <algorithm>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "core/error.hpp"
#include "data/lighting.hpp"

namespace retime {
namespace {

constexpr int kThumbnailWidth = 128;
constexpr int kFewestSamples = 3;  // a median of fewer is not trusted while a wider choice is left
constexpr float kUnknownNoise = 3.F;

enum Cover : uchar { kFree = 0, kNearObject = 1, kObject = 2 };

/// Frames of the sample as the median sees them: under the plate's lighting, with what covers each pixel.
struct Samples {
  std::vector<int> index;
  std::vector<FrameLighting> lighting;
};

std::vector<int> spread_evenly(int count, int samples) {
  std::vector<int> index;
  const int n = std::min(count, samples);
  for (int i = 0; i < n; ++i) index.push_back(static_cast<int>((2LL * i + 1) * count / (2 * n)));
  return index;
}

cv::Mat cover_of(const std::vector<MaskTrack>& tracks, int frame_index, Size size, float margin_fraction) {
  const int margin = cvRound(margin_fraction * static_cast<float>(size.width));
  const cv::Mat mask = union_mask(tracks, frame_index, size);
  const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_RECT, {2 * margin + 1, 2 * margin + 1});
  const cv::Mat thin = cv::getStructuringElement(cv::MORPH_RECT, {5, 5});  // compression smears the edge
  cv::Mat cover = cv::Mat::zeros(mask.size(), CV_8U), wide, edge;
  cv::dilate(mask, wide, kernel);
  cv::dilate(mask, edge, thin);
  cover.setTo(kNearObject, wide);
  cover.setTo(kObject, edge);
  return cover;
}

/// Median of `count` bytes, which it reorders.
uchar median_of(uchar* values, int count) {
  std::nth_element(values, values + count / 2, values + count);
  return values[count / 2];
}

/// Chooses the samples of one pixel with the least cover that enough of them have; kObject never.
int choose_samples(const std::vector<const uchar*>& cover, int x, std::vector<int>& chosen) {
  for (const uchar limit : {kFree, kNearObject}) {
    chosen.clear();
    for (std::size_t s = 0; s < cover.size(); ++s) {
      if (cover[s][x] <= limit) chosen.push_back(static_cast<int>(s));
    }
    if (static_cast<int>(chosen.size()) >= kFewestSamples) break;
  }
  return static_cast<int>(chosen.size());
}

/// Median and 1.4826 * MAD of the chosen samples in one channel.
std::pair<uchar, float> robust_level(const std::vector<const cv::Vec3b*>& rows, const std::vector<int>& chosen, int x,
                                     int channel, std::vector<uchar>& scratch) {
  const int n = static_cast<int>(chosen.size());
  for (int i = 0; i < n; ++i)
    scratch[static_cast<std::size_t>(i)] =
        rows[static_cast<std::size_t>(chosen[static_cast<std::size_t>(i)])][x][channel];
  const uchar level = median_of(scratch.data(), n);
  for (int i = 0; i < n; ++i) {
    uchar& value = scratch[static_cast<std::size_t>(i)];
    value = static_cast<uchar>(std::abs(value - level));
  }
  return {level, 1.4826F * static_cast<float>(median_of(scratch.data(), n))};
}

/// Fills one row of the plate from the samples' rows.
void median_row(const std::vector<cv::Mat>& frames, const std::vector<cv::Mat>& covers, int y, Plate& plate,
                int plate_y) {
  std::vector<const cv::Vec3b*> rows;
  std::vector<const uchar*> cover;
  for (const cv::Mat& frame : frames) rows.push_back(frame.ptr<cv::Vec3b>(y));
  for (const cv::Mat& c : covers) cover.push_back(c.ptr<uchar>(y));
  std::vector<int> chosen;
  std::vector<uchar> scratch(frames.size());
  for (int x = 0; x < plate.color.cols; ++x) {
    if (choose_samples(cover, x, chosen) == 0) continue;
    float noise = 0.F;
    for (int c = 0; c < 3; ++c) {
      const auto [level, spread] = robust_level(rows, chosen, x, c, scratch);
      plate.color.at<cv::Vec3b>(plate_y, x)[c] = level;
      noise = std::max(noise, spread);
    }
    plate.observed.at<uchar>(plate_y, x) = 255;
    plate.noise.at<float>(plate_y, x) = noise;
  }
}

void median_strip(const std::vector<cv::Mat>& frames, const std::vector<cv::Mat>& covers, int first_row, Plate& plate) {
  cv::parallel_for_({0, frames.front().rows}, [&](const cv::Range& range) {
    for (int y = range.start; y < range.end; ++y) median_row(frames, covers, y, plate, first_row + y);
  });
}

Plate empty_plate(cv::Size size) {
  Plate plate;
  plate.color = cv::Mat::zeros(size, CV_8UC3);
  plate.observed = cv::Mat::zeros(size, CV_8U);
  plate.noise = cv::Mat(size, CV_32F, cv::Scalar(kUnknownNoise));
  return plate;
}

/// Lightings of the samples relative to their own median, found on thumbnails by turns.
std::vector<FrameLighting> fit_samples(const FrameSequence& source, const std::vector<MaskTrack>& tracks,
                                       const std::vector<int>& index, const PlateOptions& options) {
  const Size size = source.size();
  const int width = std::min(size.width, kThumbnailWidth), height = std::max(1, size.height * width / size.width);
  std::vector<cv::Mat> frames(index.size()), covers(index.size());
  for (std::size_t s = 0; s < index.size(); ++s) {
    cv::resize(source.frame(index[s]), frames[s], {width, height}, 0, 0, cv::INTER_AREA);
    cv::resize(cover_of(tracks, index[s], size, options.effect_margin), covers[s], {width, height}, 0, 0,
               cv::INTER_NEAREST);
  }
  std::vector<FrameLighting> lighting(index.size());
  std::vector<cv::Mat> unlit = frames;
  for (int round = 0; round < 2; ++round) {
    Plate plate = empty_plate({width, height});
    median_strip(unlit, covers, 0, plate);
    for (std::size_t s = 0; s < index.size(); ++s) {
      const cv::Mat usable = (covers[s] == kFree) & plate.observed;
      lighting[s] = fit_lighting(frames[s], plate.color, usable, LightingOptions{});
      unlit[s] = unlit_frame(frames[s], lighting[s]);
    }
  }
  return lighting;
}

int rows_per_strip(Size size, std::size_t samples, int memory_mib) {
  const std::size_t row_bytes = samples * static_cast<std::size_t>(size.width) * 4;
  const std::size_t rows = static_cast<std::size_t>(memory_mib) * 1024 * 1024 / row_bytes;
  return static_cast<int>(std::clamp<std::size_t>(rows, 1, static_cast<std::size_t>(size.height)));
}

void read_strip(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const Samples& samples,
                const PlateOptions& options, cv::Range rows, Plate& plate) {
  std::vector<cv::Mat> frames, covers;
  for (std::size_t s = 0; s < samples.index.size(); ++s) {
    const int t = samples.index[s];
    frames.push_back(unlit_frame(source.frame(t), samples.lighting[s]).rowRange(rows).clone());
    covers.push_back(cover_of(tracks, t, source.size(), options.effect_margin).rowRange(rows).clone());
  }
  median_strip(frames, covers, rows.start, plate);
}

void inpaint_unobserved(Plate& plate) {
  const cv::Mat hidden = plate.observed == 0;
  if (cv::countNonZero(hidden) == 0) return;
  cv::Mat filled;
  cv::inpaint(plate.color, hidden, filled, 4, cv::INPAINT_TELEA);
  plate.color = filled;
}

}  // namespace

Plate estimate_plate(const FrameSequence& source, const std::vector<MaskTrack>& tracks, const PlateOptions& options) {
  if (source.count() < 1) throw Error("no plate can be made (the clip has no frames): give a clip that can be decoded");
  const Size size = source.size();
  Samples samples{spread_evenly(source.count(), options.samples), {}};
  samples.lighting = fit_samples(source, tracks, samples.index, options);
  Plate plate = empty_plate({size.width, size.height});
  const int step = rows_per_strip(size, samples.index.size(), options.memory_mib);
  for (int y = 0; y < size.height; y += step) {
    read_strip(source, tracks, samples, options, {y, std::min(size.height, y + step)}, plate);
  }
  cv::GaussianBlur(plate.noise, plate.noise, {0, 0}, 1.5);
  inpaint_unobserved(plate);
  return plate;
}

}  // namespace retime

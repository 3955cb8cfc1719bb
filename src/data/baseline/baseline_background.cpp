#include "data/baseline/baseline_background.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "data/baseline/baseline_layers.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr float kMargin = 0.015F;  // of the width: by how much masks are dilated
constexpr std::size_t kMemory = std::size_t{256} << 20;

/// One frame's part of a strip of the plate.
struct Sample {
  cv::Rect box;   // in the strip
  cv::Mat color;  // CV_8UC3
  cv::Mat cover;  // CV_8U: 0 background, 1 an object, 2 outside the frame
};

CameraPlane plane_of(const SceneReader& scene) {
  const SceneInfo& info = scene.info();
  if (!info.has_camera) return CameraPlane(info.full_size());
  CameraPath camera = scene.read_camera();
  update_bounds(camera, info.size, info.scale);
  return {camera, info.size, info.full_size()};
}

cv::Mat covered(const SceneReader& scene, int frame) {
  const Size size = scene.info().full_size();
  cv::Mat mask = cv::Mat::zeros(size.height, size.width, CV_8U);
  for (int object = 0; object < scene.info().object_count(); ++object) mask |= soft_mask(scene, object, frame) > 0.F;
  const int margin = std::max(1, cvRound(kMargin * static_cast<float>(size.width)));
  cv::dilate(mask, mask, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * margin + 1, 2 * margin + 1}));
  return mask;
}

Sample read_sample(const SceneReader& scene, const CameraPlane& plane, int frame, const cv::Rect& strip) {
  const cv::Rect box = plane.footprint(frame) & strip;
  if (box.empty()) return {};
  const Image picture = scene.read_full(frame);
  Sample sample{box - strip.tl(), plane.to_plate(as_mat(picture), frame, box, cv::INTER_CUBIC).clone(), {}};
  const cv::Mat objects = plane.to_plate(covered(scene, frame), frame, box, cv::INTER_NEAREST);
  sample.cover = cv::Mat::zeros(box.size(), CV_8U);
  sample.cover.setTo(1, objects);
  sample.cover.setTo(2, plane.coverage(frame, box) != 255);
  return sample;
}

uchar median_of(std::vector<uchar>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The samples that show a pixel, with the least cover that any has.
void choose(const std::vector<Sample>& samples, cv::Point pixel, std::vector<cv::Vec3b>& chosen) {
  for (const uchar cover : {0, 1, 2}) {
    chosen.clear();
    for (const Sample& sample : samples)
      if (sample.box.contains(pixel) && sample.cover.at<uchar>(pixel - sample.box.tl()) <= cover)
        chosen.push_back(sample.color.at<cv::Vec3b>(pixel - sample.box.tl()));
    if (!chosen.empty()) return;
  }
}

void median_strip(const std::vector<Sample>& samples, cv::Mat plate) {
  cv::parallel_for_({0, plate.rows}, [&](const cv::Range& rows) {
    std::vector<cv::Vec3b> chosen;
    std::vector<uchar> values;
    for (int y = rows.start; y < rows.end; ++y)
      for (int x = 0; x < plate.cols; ++x) {
        choose(samples, {x, y}, chosen);
        for (int c = 0; c < 3 && !chosen.empty(); ++c) {
          values.clear();
          for (const cv::Vec3b& color : chosen) values.push_back(color[c]);
          plate.at<cv::Vec3b>(y, x)[c] = median_of(values);
        }
      }
  });
}

}  // namespace

BaselineBackground::BaselineBackground(const SceneReader& scene) : plane_(plane_of(scene)) {
  const Size size = plane_.plate_size();
  plate_ = cv::Mat::zeros(size.height, size.width, CV_8UC3);
  const std::size_t row_bytes =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(scene.info().frame_count) * 4;
  const int step = std::max(1, static_cast<int>(kMemory / row_bytes));
  for (int y = 0; y < size.height; y += step) {
    const cv::Rect strip(0, y, size.width, std::min(step, size.height - y));
    std::vector<Sample> samples;
    for (int t = 0; t < scene.info().frame_count; ++t) {
      Sample sample = read_sample(scene, plane_, t, strip);
      if (!sample.color.empty()) samples.push_back(std::move(sample));
    }
    median_strip(samples, plate_(strip));
  }
}

cv::Mat BaselineBackground::frame(int index) const {
  return plane_.moves() ? plane_.to_frame(plate_, index, cv::INTER_CUBIC) : plate_;
}

}  // namespace retime

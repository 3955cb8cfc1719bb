#include "data/baseline/baseline_masks.hpp"

#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr double kEdge = 0.7;  // pixels: standard deviation of the blur at outlines

cv::Mat mask_of_body_map(const SceneReader& scene, int object, int frame) {
  const Size full = scene.info().full_size();
  cv::Mat iuv(full.height, full.width, CV_8UC3), part, soft;
  scene.read_iuv_full(object, frame, 1, {iuv.data, full.area() * 3});
  cv::extractChannel(iuv, part, 0);
  cv::Mat(part > 0).convertTo(soft, CV_32F, 1.0 / 255.0);
  cv::GaussianBlur(soft, soft, {0, 0}, kEdge);
  return soft;
}

cv::Mat mask_of_trimap(const SceneReader& scene, int object, int frame) {
  const SceneInfo& info = scene.info();
  const Size full = info.full_size();
  cv::Mat trimap(info.size.height, info.size.width, CV_8U), mask, soft;
  scene.read_trimap(object, frame, 1, {trimap.data, info.size.area()});
  cv::Mat(trimap == 255).convertTo(mask, CV_32F, 1.0 / 255.0);
  cv::resize(mask, soft, {full.width, full.height}, 0, 0, cv::INTER_LINEAR);
  return soft;
}

}  // namespace

cv::Mat soft_mask(const SceneReader& scene, int object, int frame) {
  if (scene.presence()[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)] == 0) {
    const Size full = scene.info().full_size();
    return cv::Mat::zeros(full.height, full.width, CV_32F);
  }
  return scene.info().has_full_iuv ? mask_of_body_map(scene, object, frame) : mask_of_trimap(scene, object, frame);
}

std::vector<cv::Mat> visible_masks(const SceneReader& scene, int frame) {
  const Size full = scene.info().full_size();
  std::vector<cv::Mat> masks(scene.info().objects.size());
  cv::Mat open(full.height, full.width, CV_32F, cv::Scalar(1));
  const auto& order = scene.order()[static_cast<std::size_t>(frame)];
  for (auto object = order.rbegin(); object != order.rend(); ++object) {
    const cv::Mat mask = soft_mask(scene, *object, frame);
    masks[*object] = mask.mul(open);
    open = open.mul(1 - mask);
  }
  return masks;
}

}  // namespace retime

#include "data/baseline_masks.hpp"

#include <opencv2/imgproc.hpp>

namespace retime {

cv::Mat soft_mask(const SceneReader& scene, int object, int frame) {
  const SceneInfo& info = scene.info();
  const Size full = info.full_size();
  cv::Mat soft = cv::Mat::zeros(full.height, full.width, CV_32F);
  if (scene.presence()[static_cast<std::size_t>(object)][static_cast<std::size_t>(frame)] == 0) return soft;
  cv::Mat trimap(info.size.height, info.size.width, CV_8U), mask;
  scene.read_trimap(object, frame, 1, {trimap.data, info.size.area()});
  cv::Mat(trimap == 255).convertTo(mask, CV_32F, 1.0 / 255.0);
  cv::resize(mask, soft, soft.size(), 0, 0, cv::INTER_LINEAR);
  return soft;
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

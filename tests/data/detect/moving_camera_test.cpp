#include <gtest/gtest.h>

#include "data/detect/auto_objects.hpp"
#include "data/panning_scene.hpp"

namespace retime {
namespace {

using test::PanningScene;

constexpr int kFrames = 18;

MovingCamera true_camera(const PanningScene& scene) {
  CameraPath path = scene.camera();
  update_bounds(path, scene.training_size(), 2);
  return {CameraPlane(path, scene.training_size(), scene.size()), {}, 12};
}

TEST(MovingCamera, WhatMovesByItselfIsFound) {
  const PanningScene scene(kFrames);
  AutoObjectsOptions options;
  const auto found = find_objects(scene, true_camera(scene), options);
  ASSERT_EQ(found.size(), 1U);
  double sum = 0;
  for (int t = 0; t < kFrames; ++t) {
    const cv::Mat mask = full_mask(found[0].frames[static_cast<std::size_t>(t)], scene.size()), truth = scene.mask(t);
    sum += static_cast<double>(cv::countNonZero(mask & truth)) / cv::countNonZero(mask | truth);
  }
  EXPECT_GT(sum / kFrames, 0.85);
}

/// The same without the disc, seen by a camera whose path is wrong by up to a pixel.
class BareScene final : public FrameSequence {
 public:
  explicit BareScene(const PanningScene& scene) : scene_(scene) {}
  int count() const override { return scene_.count(); }
  Size size() const override { return scene_.size(); }
  cv::Mat frame(int index) const override {
    cv::Mat frame;
    const double off = index % 2 == 0 ? 0.5 : -0.5;
    cv::warpAffine(scene_.background(index), frame, cv::Matx23d(1, 0, off, 0, 1, -off), {192, 128}, cv::INTER_LINEAR,
                   cv::BORDER_REPLICATE);
    return frame;
  }

 private:
  const PanningScene& scene_;
};

TEST(MovingCamera, WhatStandsStillIsNone) {
  const PanningScene scene(kFrames);
  AutoObjectsOptions options;
  options.may_find_none = true;
  EXPECT_TRUE(find_objects(BareScene(scene), true_camera(scene), options).empty());
}

}  // namespace
}  // namespace retime

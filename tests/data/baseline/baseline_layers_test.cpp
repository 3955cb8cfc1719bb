
#include "data/baseline/baseline_layers.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/baseline/baseline_background.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr Size kSize{96, 64};
constexpr int kFrames = 10;
constexpr float kShadow = 0.6F;

/// Two boxes of 16x24 (training pixels 8x12) that pass each other; the first casts a shadow to its right. With `pan`
/// the camera moves one training pixel to the right in each frame. Object 1 is in front.
struct BoxScene {
  int pan = 0;

  static int box_left(int object, int t) { return object == 0 ? 4 + 8 * t : 76 - 8 * t; }
  static bool in_box(int object, int t, int x, int y) {
    const int left = box_left(object, t), top = 16 + 8 * object;
    return x >= left && x < left + 16 && y >= top && y < top + 24;
  }
  static bool in_shadow(int t, int x, int y) {
    const int right = box_left(0, t) + 16;
    return x >= right && x < right + 12 && y >= 30 && y < 40;
  }
  static cv::Vec3b plate(int x, int y) {
    return {static_cast<uchar>(120 + 40 * std::sin(0.2 * x)), static_cast<uchar>(140 + y),
            static_cast<uchar>(90 + (x + 64) / 4)};
  }
  cv::Vec3b background(int t, int x, int y) const { return plate(x + 2 * pan * t, y); }
  cv::Mat frame(int t) const {
    cv::Mat rgb(kSize.height, kSize.width, CV_8UC3);
    for (int y = 0; y < rgb.rows; ++y)
      for (int x = 0; x < rgb.cols; ++x) {
        cv::Vec3b color = background(t, x, y);
        if (in_shadow(t, x, y)) color = color * kShadow;
        if (in_box(0, t, x, y)) color = {200, 30, 30};
        if (in_box(1, t, x, y)) color = {20, 40, 210};
        rgb.at<cv::Vec3b>(y, x) = color;
      }
    return rgb;
  }

  static ObjectMaps maps(int object, int t) {
    const Size half{kSize.width / 2, kSize.height / 2};
    ObjectMaps maps{true, Image(half, 3), Image(half, 1), {}, {}, {}};
    for (int y = 0; y < half.height; ++y)
      for (int x = 0; x < half.width; ++x)
        if (in_box(object, t, 2 * x, 2 * y)) maps.trimap.row(y)[x] = 255;
    return maps;
  }

  void write(const std::filesystem::path& path) const {
    SceneInfo info;
    info.size = {kSize.width / 2, kSize.height / 2};
    SceneWriter writer(path, info);
    for (int t = 0; t < kFrames; ++t) writer.add_frame(Image(info.size, 3), to_image(frame(t)));
    writer.set_objects({"red", "blue"}, false);
    const std::vector<std::uint8_t> order{0, 1};
    CameraPath camera;
    for (int t = 0; t < kFrames; ++t) {
      for (const int object : {0, 1}) writer.write_maps(t, object, maps(object, t));
      writer.write_order(t, order);
      camera.frame_from_plane.push_back({1, 0, -1.0 * pan * t, 0, 1, 0, 0, 0, 1});
    }
    camera.bounds = {-0.5, info.size.width - 0.5 + pan * (kFrames - 1), -0.5, info.size.height - 0.5};
    if (pan != 0) writer.write_camera(camera);
    writer.commit();
  }
};

class BaselineTest : public testing::TestWithParam<int> {
 protected:
  BaselineTest() { scene_.write(file_); }
  const test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "scene.h5";
  const BoxScene scene_{GetParam()};
};

TEST_P(BaselineTest, TheBackgroundIsWhatTheFramesShowWithoutObjects) {
  const SceneReader scene(file_);
  const BaselineBackground background(scene);
  for (const int t : {0, 4, 9}) {
    const cv::Mat frame = background.frame(t);
    int worst = 0;
    // Columns that every frame sees, the moving camera's too.
    for (int y = 4; y < kSize.height - 4; ++y)
      for (int x = 22; x < 60; ++x)
        for (int c = 0; c < 3; ++c)
          worst = std::max(worst, std::abs(frame.at<cv::Vec3b>(y, x)[c] - scene_.background(t, x, y)[c]));
    EXPECT_LE(worst, GetParam() == 0 ? 0 : 2) << "frame " << t;
  }
}

TEST_P(BaselineTest, CutoutsShowTheMasksAndNothingElse) {
  BaselineOptions options{BaselineMethod::kCutouts, 4, false};
  write_baseline(file_, folder_ / "layers.h5", options);
  const LayersReader layers(folder_ / "layers.h5");
  EXPECT_EQ(layers.info().names, (std::vector<std::string>{"background", "red", "blue"}));
  EXPECT_EQ(layers.info().frame_from_plane.size(), GetParam() == 0 ? 0U : kFrames);
  Image red;
  layers.read(1, 1, red);
  const auto* inside = red.row(24) + 4 * (BoxScene::box_left(0, 1) + 8);
  EXPECT_EQ(inside[0], 200);
  EXPECT_EQ(inside[3], 255);
  EXPECT_EQ(red.row(35)[4 * (BoxScene::box_left(0, 1) + 22) + 3], 0) << "the shadow";
}

TEST_P(BaselineTest, MattingHandsTheShadowToTheNearestAsBlack) {
  write_baseline(file_, folder_ / "layers.h5", {BaselineMethod::kMatting, 16, false});
  const LayersReader layers(folder_ / "layers.h5");
  Image red, blue;
  layers.read(1, 1, red);
  layers.read(1, 2, blue);
  const int x = BoxScene::box_left(0, 1) + 22;
  const auto* shadow = red.row(35) + 4 * x;
  EXPECT_NEAR(shadow[3] / 255.0, 1 - kShadow, 0.03);
  EXPECT_LE(std::max({shadow[0], shadow[1], shadow[2]}), 12);
  EXPECT_EQ(blue.row(35)[4 * x + 3], 0);
  EXPECT_EQ(red.row(24)[4 * (BoxScene::box_left(0, 1) + 8) + 3], 255);
}

TEST_P(BaselineTest, MattingComposedShowsTheFrameAgain) {
  const SceneReader scene(file_);
  const BaselineBackground background(scene);
  const int t = 1;
  const cv::Mat frame = scene_.frame(t), behind = background.frame(t);
  cv::Mat shown;
  behind.convertTo(shown, CV_32FC3);
  for (const cv::Mat& layer : matting_layers(frame, behind, visible_masks(scene, t)))
    for (int y = 0; y < frame.rows; ++y)
      for (int x = 0; x < frame.cols; ++x) {
        const auto& p = layer.at<cv::Vec4b>(y, x);
        const float a = static_cast<float>(p[3]) / 255.F;
        shown.at<cv::Vec3f>(y, x) = a * cv::Vec3f(p[0], p[1], p[2]) + (1 - a) * shown.at<cv::Vec3f>(y, x);
      }
  double sum = 0;
  for (int y = 0; y < frame.rows; ++y)
    for (int x = 0; x < frame.cols; ++x)
      sum += cv::norm(shown.at<cv::Vec3f>(y, x) - cv::Vec3f(frame.at<cv::Vec3b>(y, x)));
  EXPECT_LT(sum / frame.total(), 1.5);
}

INSTANTIATE_TEST_SUITE_P(StillAndMoving, BaselineTest, testing::Values(0, 1));

TEST(BaselineMasks, WhoIsBehindGetsOnlyWhatIsVisible) {
  const test::TemporaryFolder folder;
  BoxScene{}.write(folder / "scene.h5");
  const SceneReader scene(folder / "scene.h5");
  const int t = 4;  // the boxes overlap: red from 36, blue from 44
  const auto masks = visible_masks(scene, t);
  EXPECT_EQ(soft_mask(scene, 0, t).at<float>(32, 48), 1.F);
  EXPECT_EQ(masks[0].at<float>(32, 48), 0.F);
  EXPECT_EQ(masks[1].at<float>(32, 48), 1.F);
  EXPECT_EQ(masks[0].at<float>(32, 39), 1.F);
}

TEST(BaselineMasks, BodyMapsOfFullSizeAreUsedWhereTheyAre) {
  const test::TemporaryFolder folder;
  SceneInfo info;
  info.size = {16, 12};
  SceneWriter writer(folder / "scene.h5", info);
  for (int t = 0; t < 2; ++t) writer.add_frame(Image(info.size, 3), Image({32, 24}, 3));
  writer.set_objects({"a"}, false);
  ObjectMaps maps{true, Image(info.size, 3), Image(info.size, 1), {}, Image({32, 24}, 3), {}};
  for (int y = 5; y < 18; ++y)
    for (int x = 7; x < 21; ++x) maps.iuv_full.row(y)[3 * x] = 1;
  for (int t = 0; t < 2; ++t) {
    writer.write_maps(t, 0, maps);
    writer.write_order(t, std::vector<std::uint8_t>{0});
  }
  writer.commit();
  const auto mask = soft_mask(SceneReader(folder / "scene.h5"), 0, 1);
  EXPECT_GT(mask.at<float>(10, 10), 0.99F);
  EXPECT_GT(mask.at<float>(10, 7), 0.5F) << "an odd pixel of the full size is its edge";
  EXPECT_LT(mask.at<float>(10, 6), 0.5F);
  EXPECT_EQ(mask.at<float>(10, 2), 0.F);
}

TEST(BaselineMatting, NoiseAloneIsNobodys) {
  cv::Mat background(64, 96, CV_8UC3, cv::Scalar(120, 130, 140)), noise(64, 96, CV_16SC3), frame;
  cv::theRNG().state = 5;
  cv::randn(noise, cv::Scalar::all(0), cv::Scalar::all(3));
  cv::add(background, noise, frame, cv::noArray(), CV_8UC3);
  cv::Mat mask = cv::Mat::zeros(64, 96, CV_32F);
  mask(cv::Rect(40, 20, 12, 20)) = 1.F;
  const cv::Mat layer = matting_layers(frame, background, {mask})[0];
  EXPECT_EQ(layer.at<cv::Vec4b>(30, 46)[3], 255);
  int visible = 0;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 30; ++x) visible += layer.at<cv::Vec4b>(y, x)[3] > 5;
  EXPECT_LT(visible, 40);
}

}  // namespace
}  // namespace retime

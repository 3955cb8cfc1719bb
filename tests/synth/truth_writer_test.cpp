#include "synth/truth_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/geometry/camera_plane.hpp"
#include "media/picture.hpp"
#include "post/edit/time_map.hpp"

namespace fs = std::filesystem;

namespace retime::synth {
namespace {

using test::TemporaryFolder;

SynthOptions tiny(const std::string& scene) {
  SynthOptions options;
  options.scene = scene;
  options.size = "64x36";
  options.frames = 3;
  options.fps = 3;
  options.samples = 2;
  return options;
}

cv::Mat read(const fs::path& path) {
  const cv::Mat picture = cv::imread(path.string(), cv::IMREAD_UNCHANGED);
  EXPECT_FALSE(picture.empty()) << path;
  return picture;
}

double largest_difference(const cv::Mat& stored, const cv::Mat& composite) {
  cv::Mat exact;
  stored.convertTo(exact, CV_32FC3);
  return cv::norm(exact, composite, cv::NORM_INF);
}

// One scene for all tests of the folder.
class SynthFolder : public testing::Test {
 protected:
  void SetUp() override {
    if (folder_) return;
    folder_ = std::make_unique<TemporaryFolder>();
    const SynthScene scene(tiny("shadows"));
    TruthWriter writer(scene, folder_->path());
    writer.write_frames();
    writer.write_edit({"pair", "{}"}, 3, [](int t) { return std::vector<ShownObject>{{0, t, 1}, {1, 0, 1}}; });
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static fs::path truth() { return *folder_ / "truth"; }
  static cv::Mat layer(int object, int frame) {
    return read(truth() / "layers" / object_name(object) / frame_file_name(frame));
  }

  static std::unique_ptr<TemporaryFolder> folder_;
};
std::unique_ptr<TemporaryFolder> SynthFolder::folder_;

TEST_F(SynthFolder, LayersGiveTheCleanFrame) {
  const auto json = nlohmann::json::parse(test::read_bytes(truth() / "truth.json"));
  for (int t = 0; t < 3; ++t) {
    std::vector<cv::Mat> layers;
    for (const int object : json["order"][static_cast<std::size_t>(t)]) layers.push_back(layer(object, t));
    const cv::Mat background = read(truth() / "background" / frame_file_name(t));
    EXPECT_LE(largest_difference(read(truth() / "clean" / frame_file_name(t)), composited(background, layers)), 0.51);
    EXPECT_GT(largest_difference(read(truth() / "clean" / frame_file_name(t)), composited(background, {})), 20);
  }
}

TEST_F(SynthFolder, VisibleMasksShareTheBodies) {
  cv::Mat bodies, seen;
  for (const int object : {0, 1}) {
    const cv::Mat body = read(truth() / "body" / object_name(object) / frame_file_name(1)) > 127;
    const cv::Mat visible = read(truth() / "visible" / object_name(object) / frame_file_name(1));
    EXPECT_EQ(cv::countNonZero(visible & ~body), 0);
    EXPECT_EQ(cv::countNonZero(body & ~visible) > 0, object == 1) << "object 0 walks in front";
    bodies = bodies.empty() ? body : cv::Mat(bodies | body);
    EXPECT_TRUE(seen.empty() || cv::countNonZero(seen & visible) == 0);
    seen = seen.empty() ? visible : cv::Mat(seen | visible);
  }
  EXPECT_EQ(cv::norm(bodies, seen, cv::NORM_INF), 0);
}

TEST_F(SynthFolder, RoughMasksAreThoseOfWhatIsVisible) {
  const auto mask = [](const char* kind) { return read(truth() / kind / object_name(1) / frame_file_name(1)); };
  const cv::Mat visible = mask("visible"), dilated = mask("dilated"), coarse = mask("coarse");
  std::vector<cv::Point> inside;
  cv::findNonZero(visible, inside);
  for (int y = 0; y < visible.rows; ++y)
    for (int x = 0; x < visible.cols; ++x) {
      const bool near = std::any_of(inside.begin(), inside.end(), [&](const cv::Point& p) {
        return (p - cv::Point(x, y)).dot(p - cv::Point(x, y)) <= 9;
      });
      EXPECT_EQ(dilated.at<uchar>(y, x), near ? 255 : 0) << x << " " << y;
    }
  for (int y = 0; y + 8 <= visible.rows; y += 8)
    for (int x = 0; x + 8 <= visible.cols; x += 8) {
      const cv::Rect block(x, y, 8, 8);
      EXPECT_EQ(cv::countNonZero(coarse(block)), cv::countNonZero(visible(block)) >= 32 ? 64 : 0) << x << " " << y;
    }
}

TEST_F(SynthFolder, SoloAndWithoutBelongTogether) {
  const cv::Mat background = read(truth() / "background" / frame_file_name(1));
  for (const int object : {0, 1}) {
    const cv::Mat alone = composited(background, {layer(object, 1)});
    EXPECT_LE(largest_difference(read(truth() / "solo" / object_name(object) / frame_file_name(1)), alone), 0.51);
    EXPECT_LE(largest_difference(read(truth() / "without" / object_name(1 - object) / frame_file_name(1)), alone),
              0.51);
  }
}

TEST_F(SynthFolder, EditsAreSortedByDepthAtTheSourceTimes) {
  const cv::Mat background = read(truth() / "background" / frame_file_name(0));
  const cv::Mat expected = composited(background, {layer(1, 0), layer(0, 0)});  // object 0 walks in front
  EXPECT_LE(largest_difference(read(truth() / "edits/pair" / frame_file_name(0)), expected), 0.51);
}

TEST_F(SynthFolder, FramesAreTheCleanOnesWithNoise) {
  const cv::Mat frame = read(*folder_ / "rgb_512/0002.png"), clean = read(truth() / "clean" / frame_file_name(1));
  EXPECT_GT(cv::PSNR(frame, clean), 40);
  EXPECT_LT(cv::PSNR(frame, clean), 50);
  EXPECT_EQ(read(*folder_ / "rgb_256/0002.png").size(), cv::Size(64, 36));
}

TEST_F(SynthFolder, MapsFollowTheReleasedFormat) {
  const cv::Mat iuv = read(*folder_ / "iuv/02/0001.png"), mask = read(*folder_ / "mask/02/0001.png");
  ASSERT_EQ(iuv.channels(), 4);
  int body = 0;
  for (int y = 0; y < iuv.rows; ++y)
    for (int x = 0; x < iuv.cols; ++x) {
      const auto& p = iuv.at<cv::Vec4b>(y, x);  // OpenCV's order: B, G, R, A
      EXPECT_EQ(p[2] % 10, 0);
      EXPECT_EQ(p[3], p[2] > 0 ? 253 : 0);
      EXPECT_EQ(mask.at<uchar>(y, x) == 255, p[2] > 0);
      body += p[2] > 0;
    }
  EXPECT_GT(body, 30);
  const auto keypoints = nlohmann::json::parse(test::read_bytes(*folder_ / "keypoints.json"));
  EXPECT_EQ(keypoints["0003.png"].size(), 2U);
  EXPECT_EQ(keypoints["0003.png"][0]["keypoints"].size(), 51U);
  const auto metadata = nlohmann::json::parse(test::read_bytes(*folder_ / "metadata.json"));
  EXPECT_EQ(metadata["composite_order"].size(), 3U);
}

TEST(SynthEdits, AreReadAndStayInsideTheClip) {
  for (const int frames : {3, 40, 100})
    for (const NamedEdit& named : make_edits(frames)) {
      const Edit edit = parse_edit(nlohmann::json::parse(named.json), {{"background", "01", "02"}, frames, {12, 1}});
      for (const LayerInstance& instance : layer_instances(edit, 3, frames))
        for (int t = 0; t < frames; ++t) EXPECT_TRUE(instance.time(t)) << named.name << " loses somebody at " << t;
    }
}

TEST(SynthHomographies, AreReadBack) {
  const TemporaryFolder folder;
  auto options = tiny("camera");
  options.size = "32x18";
  const SynthScene scene(options);
  TruthWriter(scene, folder.path()).write_frames();
  const CameraPath read_path = read_homographies(folder / "homographies.txt", {32, 18}, 3), path = scene.camera_path();
  EXPECT_EQ(read_path.bounds, path.bounds);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(read_path.frame_from_plane[2][i], path.frame_from_plane[2][i], 1e-9);
}

TEST(SynthOutputFolder, ReplacesOnlyItsOwn) {
  const TemporaryFolder folder;
  const fs::path path = folder / "scene";
  for (const char* text : {"1", "2"}) {
    OutputFolder out(path);
    fs::create_directories(out.temporary() / "truth");
    test::write_bytes(out.temporary() / "truth/truth.json",
                      std::string("{\"program\": \"retime synth\", \"n\": ") + text + "}");
    out.commit();
  }
  EXPECT_THAT(test::read_bytes(path / "truth/truth.json"), testing::HasSubstr("\"n\": 2"));
  { const OutputFolder abandoned(path); }
  EXPECT_EQ(folder.entries(), 1);
  test::write_bytes(folder / "holiday.txt", "mine");
  EXPECT_THAT(test::message_of<Error>([&] { OutputFolder out(folder.path()); }),
              testing::HasSubstr("not made by retime synth"));
  EXPECT_TRUE(fs::exists(folder / "holiday.txt"));
}

}  // namespace
}  // namespace retime::synth

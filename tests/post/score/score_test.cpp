#include "post/score/score.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "post/score/metrics.hpp"
#include "post/score/score_layers.hpp"
#include "post/score/score_report.hpp"
#include "post/score/truth_folder.hpp"
#include "post/thread_parts.hpp"
#include "post/tiny_truth.hpp"
#include "post/video/frame_sink.hpp"

namespace retime {
namespace {

using test::TinyTruth;
using test::TinyTruthSource;

class ScoreTest : public testing::Test {
 protected:
  ScoreTest() { TinyTruth::write(folder_.path()); }

  Score score(TinyTruthSource source) const { return score_with_truth(source, truth(), std::nullopt); }
  TruthFolder truth() const { return TruthFolder(folder_.path()); }

  const test::TemporaryFolder folder_;
};

const VideoScore& video(const Score& score, const std::string& folder) {
  for (const auto& entry : score.videos)
    if (entry.video.folder() == folder) return entry;
  throw Error("no video " + folder);
}

// Takes the shadow of one layer away.
void drop_shadow(int layer, Image& rgba) {
  if (layer != 1) return;
  for (std::size_t i = 3; i < rgba.pixels.size(); i += 4)
    if (rgba.pixels[i] == TinyTruth::kShadowAlpha) rgba.pixels[i] = 0;
}

TEST_F(ScoreTest, TheTruthItselfIsPerfect) {
  const Score result = score(TinyTruthSource());
  ASSERT_EQ(result.videos.size(), 7U);
  for (const auto& entry : result.videos) {
    EXPECT_EQ(*entry.psnr, kPsnrOfEqual) << entry.video.folder();
    EXPECT_NEAR(*entry.ssim, 1, 1e-6) << entry.video.folder();
    EXPECT_EQ(entry.largest_difference, 0);
  }
  EXPECT_EQ(*video(result, "edits/later").psnr_region, kPsnrOfEqual);
  EXPECT_EQ(*video(result, "background").flicker, 0);
  for (const auto& object : result.objects) {
    EXPECT_EQ(*object.alpha_error, 0) << object.name;
    EXPECT_EQ(*object.effects_iou, 1) << object.name;
    EXPECT_EQ(*object.leakage, 0) << object.name;
  }
}

TEST_F(ScoreTest, AMissingShadowCostsEffectsAndEditsOfThatObjectOnly) {
  const Score result = score(TinyTruthSource([](int, int layer, Image& rgba) { drop_shadow(layer, rgba); }));
  EXPECT_EQ(*result.objects[0].effects_iou, 0);
  EXPECT_EQ(*result.objects[1].effects_iou, 1);
  EXPECT_NEAR(*result.objects[0].alpha_error, 100 * 0.4 / 280, 1e-9);
  EXPECT_EQ(*video(result, "without/01").psnr, kPsnrOfEqual);
  EXPECT_LT(*video(result, "solo/01").psnr, 30);
  const VideoScore& edit = video(result, "edits/later");
  EXPECT_LT(*edit.psnr_region, *edit.psnr - 3);
}

TEST_F(ScoreTest, AnEffectInTheWrongLayerIsLeakageNotReconstruction) {
  const Score result = score(TinyTruthSource([](int frame, int layer, Image& rgba) {
    drop_shadow(layer, rgba);
    if (layer != 2) return;
    for (int y = 0; y < rgba.size.height; ++y)
      for (int x = 0; x < rgba.size.width; ++x)
        if (TinyTruth::in_shadow(0, frame, x, y) && rgba.row(y)[4 * x + 3] == 0)
          rgba.row(y)[4 * x + 3] = TinyTruth::kShadowAlpha;
  }));
  EXPECT_GT(*video(result, "reconstruction").psnr, 35);
  EXPECT_GT(*result.objects[1].leakage, 0.1);
  EXPECT_EQ(*result.objects[0].leakage, 0);
  EXPECT_LT(*result.objects[1].effects_iou, 0.6);
}

TEST_F(ScoreTest, EffectsDoNotDependOnHowAlphaAndColourAreSplit) {
  const Score result = score(TinyTruthSource([](int, int layer, Image& rgba) {
    if (layer != 1) return;
    const Image background = TinyTruth::background();
    for (std::size_t i = 0; i < rgba.pixels.size(); i += 4) {
      if (rgba.pixels[i + 3] != TinyTruth::kShadowAlpha) continue;
      for (std::size_t c = 0; c < 3; ++c)
        rgba.pixels[i + c] = static_cast<std::uint8_t>(background.pixels[i + c] * 0.6);
      rgba.pixels[i + 3] = 255;
    }
  }));
  EXPECT_EQ(*result.objects[0].effects_iou, 1);
  EXPECT_NEAR(*result.objects[0].alpha_error, 100 * 0.6 / 280, 1e-9);
}

TEST_F(ScoreTest, TheBackgroundsRegionIsWhereObjectsEverAre) {
  const Score result = score(TinyTruthSource([](int, int layer, Image& rgba) {
    if (layer == 0) rgba.row(0)[0] = 0;
  }));
  const VideoScore& background = video(result, "background");
  EXPECT_LT(*background.psnr, 60);
  EXPECT_EQ(*background.psnr_region, kPsnrOfEqual);
  EXPECT_EQ(*background.flicker, 0);
}

TEST_F(ScoreTest, LayersOfOtherNamesAreMatchedByOverlap) {
  class Swapped final : public LayerSource {
   public:
    Swapped() : source_({}, {"background", "somebody", "else"}) {}
    const LayerSourceInfo& info() const override { return source_.info(); }
    std::vector<int> order(int) override { return {2, 1}; }
    void read(int frame, int layer, Image& rgba) override { source_.read(frame, layer == 0 ? 0 : 3 - layer, rgba); }

   private:
    TinyTruthSource source_;
  };
  Swapped source;
  EXPECT_EQ(match_layers(source, truth()), (std::vector<int>{2, 1}));
  const Score result = score_with_truth(source, truth(), std::nullopt);
  EXPECT_EQ(*video(result, "edits/later").psnr, kPsnrOfEqual);
  EXPECT_EQ(*video(result, "solo/02").psnr, kPsnrOfEqual);
}

TEST_F(ScoreTest, LayersOfAnotherSizeOrNumberAreRefused) {
  TinyTruthSource small;
  small.mutable_info().size = {32, 24};
  const auto size = test::message_of<Error>([&] { score_with_truth(small, truth(), std::nullopt); });
  EXPECT_NE(size.find("6 frames of 32x24"), std::string::npos) << size;
  EXPECT_NE(size.find("--size 32x24"), std::string::npos) << size;
  TinyTruthSource fewer({}, {"background", "01"});
  const auto number = test::message_of<Error>([&] { score_with_truth(fewer, truth(), std::nullopt); });
  EXPECT_NE(number.find("1 objects, the truth has 2"), std::string::npos) << number;
}

TEST_F(ScoreTest, AFolderOfVideosIsScoredAsFarAsItGoes) {
  const auto made = folder_ / "made";
  PngFolderWriter solo(made / "solo/02");
  for (int t = 0; t < TinyTruth::kFrames; ++t) solo.add(TinyTruth::shown({{1, t}}));
  solo.finish();
  VideoFolder videos(made, TinyTruth::kSize, TinyTruth::kFrames);
  const auto scores = score_videos(videos, truth(), std::nullopt);
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_EQ(scores[0].video.folder(), "solo/02");
  EXPECT_EQ(*scores[0].psnr, kPsnrOfEqual);
  std::filesystem::remove(made / "solo/02/000003.png");
  EXPECT_NE(test::message_of<Error>([&] { score_videos(videos, truth(), std::nullopt); }).find("000003.png"),
            std::string::npos);
}

TEST_F(ScoreTest, TheReportNamesWhatTheDocumentationNames) {
  const auto json = score_json(score(TinyTruthSource()));
  EXPECT_EQ(json["kind"], "tiny");
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["reconstruction"]["largest_difference"], 0);
  EXPECT_EQ(json["background"]["psnr_covered"], kPsnrOfEqual);
  EXPECT_EQ(json["solo"]["01"]["psnr_changed"], kPsnrOfEqual);
  EXPECT_EQ(json["edits"]["later"]["psnr"], kPsnrOfEqual);
  EXPECT_EQ(json["objects"]["02"]["effects_iou"], 1);
  EXPECT_EQ(json["mean"]["edits_psnr_changed_worst"], kPsnrOfEqual);
  EXPECT_FALSE(json.contains("alpha_clutter"));
  const std::string table = score_table(score(TinyTruthSource()));
  for (const char* text : {"on tiny, seed 7", "edits/later", "mean of solo", "effects IoU", "largest 0 of 255"})
    EXPECT_NE((" on " + table).find(text), std::string::npos) << text << "\n" << table;
}

void expect_equal_scores(const Score& found, const Score& expected) {
  ASSERT_EQ(found.videos.size(), expected.videos.size());
  for (std::size_t i = 0; i < expected.videos.size(); ++i) {
    const auto &a = found.videos[i], &b = expected.videos[i];
    SCOPED_TRACE(b.video.folder());
    EXPECT_EQ(a.psnr, b.psnr);
    EXPECT_EQ(a.psnr_region, b.psnr_region);
    EXPECT_EQ(a.flicker, b.flicker);
    EXPECT_EQ(a.ssim.has_value(), b.ssim.has_value());
    EXPECT_NEAR(a.ssim.value_or(0), b.ssim.value_or(0), 1e-12);
    EXPECT_EQ(a.largest_difference, b.largest_difference);
    EXPECT_EQ(a.mean_difference, b.mean_difference);
    EXPECT_EQ(a.worst_frame, b.worst_frame);
  }
  ASSERT_EQ(found.objects.size(), expected.objects.size());
  for (std::size_t i = 0; i < expected.objects.size(); ++i) {
    EXPECT_NEAR(*found.objects[i].alpha_error, *expected.objects[i].alpha_error, 1e-12);
    EXPECT_EQ(found.objects[i].effects_iou, expected.objects[i].effects_iou);
    EXPECT_NEAR(*found.objects[i].leakage, *expected.objects[i].leakage, 1e-12);
  }
}

// Layers that are wrong in ways that change from frame to frame.
void spoil(int frame, int layer, Image& rgba) {
  if (layer == 0 && frame % 2 == 1) rgba.row(20)[4 * 30] = static_cast<std::uint8_t>(40 * frame);
  if (layer > 0 && frame != 3) drop_shadow(layer, rgba);
  if (layer == 2) rgba.row(47)[3] = static_cast<std::uint8_t>(60 + 20 * frame);
}

TEST_F(ScoreTest, ProcessesThatShareTheFramesFindTheScoreOfOne) {
  CameraPath camera;
  for (int t = 0; t < TinyTruth::kFrames; ++t) camera.frame_from_plane.push_back({1, 0, 1.0 * t, 0, 1, 0, 0, 0, 1});
  for (const auto& path : {std::optional<CameraPath>(), std::optional(camera)}) {
    TinyTruthSource source(spoil);
    const Score expected = score_with_truth(source, truth(), path);
    for (const int count : {2, 4, TinyTruth::kFrames + 2})
      test::run_parts(count, [&](const FrameParts& parts) {
        TinyTruthSource own(spoil);
        expect_equal_scores(score_with_truth(own, truth(), path, {}, parts), expected);
      });
  }
}

TEST_F(ScoreTest, ProcessesShareTheFramesOfARealClipToo) {
  const auto recorded = [](int frame) { return TinyTruth::shown({{0, frame}, {1, frame}}); };
  TinyTruthSource source(spoil);
  const Score expected = score_without_truth(source, recorded, false);
  test::run_parts(3, [&](const FrameParts& parts) {
    TinyTruthSource own(spoil);
    const Score found = score_without_truth(own, recorded, false, parts);
    expect_equal_scores(found, expected);
    EXPECT_EQ(found.clutter, expected.clutter);
  });
}

TEST_F(ScoreTest, AFolderWithoutTruthIsRefused) {
  const auto empty = folder_ / "empty";
  EXPECT_NE(test::message_of<Error>([&] { TruthFolder{empty}; }).find("truth.json"), std::string::npos);
  std::filesystem::create_directories(empty / "truth");
  write_text_file(empty / "truth/truth.json", R"({"format": 2})");
  EXPECT_NE(test::message_of<Error>([&] { TruthFolder{empty}; }).find("format"), std::string::npos);
}

TEST_F(ScoreTest, WithAMovingCameraCoverageIsUnitedInThePlane) {
  CameraPath camera;
  for (int t = 0; t < TinyTruth::kFrames; ++t) camera.frame_from_plane.push_back({1, 0, 1.0 * t, 0, 1, 0, 0, 0, 1});
  const TruthFolder folder = truth();
  const EverCovered covered(folder, camera);
  Image expected(TinyTruth::kSize, 1);
  const int t = 2;
  for (int s = 0; s < TinyTruth::kFrames; ++s)
    for (int object = 0; object < 2; ++object) {
      const Image layer = TinyTruth::layer(object, s);
      for (int y = 0; y < expected.size.height; ++y)
        for (int x = 0; x < expected.size.width; ++x) {
          const int u = x / 2 + s - t;  // frame s shows the plane shifted by s training pixels
          if (u < 0 || u >= expected.size.width / 2) continue;
          for (const int i : {0, 1})
            for (const int j : {0, 1})
              if (layer.row(y / 2 * 2 + j)[4 * (2 * u + i) + 3] > 5) expected.row(y)[x] = 255;
        }
    }
  EXPECT_EQ(covered.mask(t).pixels, expected.pixels);
  camera.frame_from_plane.pop_back();
  EXPECT_THROW(EverCovered(folder, camera), Error);
}

TEST(ScoreWithoutTruth, TellsIdentityFlickerAndClutter) {
  TinyTruthSource source([](int frame, int layer, Image& rgba) {
    if (layer == 0) rgba.row(0)[0] = static_cast<std::uint8_t>(rgba.row(0)[0] + frame % 2);
    if (layer == 1) rgba.row(47)[4 * 63 + 3] = 128;  // far from the body
  });
  const auto recorded = [](int frame) { return TinyTruth::shown({{0, frame}, {1, frame}}); };
  const Score result = score_without_truth(source, recorded, false);
  EXPECT_EQ(video(result, "reconstruction").largest_difference, 92);  // half of the green below
  EXPECT_NEAR(*video(result, "background").flicker, 1.0 / (3 * 64 * 48), 1e-12);
  // The lower part of each shadow lies more than 6 pixels below its body: 10 pixels by 4 rows.
  EXPECT_NEAR(*result.clutter, (2 * 40 + 1) / (2.0 * 64 * 48), 1e-9);
  EXPECT_EQ(score_without_truth(source, {}, true).videos.size(), 0U);
}

}  // namespace
}  // namespace retime

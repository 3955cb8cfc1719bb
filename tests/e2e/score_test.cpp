#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/files.hpp"
#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "format/layers.hpp"
#include "post/score/truth_folder.hpp"

namespace retime {
namespace {

using Json = nlohmann::json;

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

Image opaque(const Image& rgb) {
  Image rgba(rgb.size, 4);
  for (std::size_t i = 0; i < rgb.size.area(); ++i)
    for (std::size_t c = 0; c < 4; ++c) rgba.pixels[4 * i + c] = c < 3 ? rgb.pixels[3 * i + c] : 255;
  return rgba;
}

// The lowest row of an object's body, where it meets the ground.
float lowest_row(const Image& body) {
  int lowest = 0;
  for (int y = 0; y < body.size.height; ++y)
    if (std::any_of(body.row(y), body.row(y) + body.size.width, [](int coverage) { return coverage > 127; }))
      lowest = y;
  return static_cast<float>(lowest);
}

// The true layers as a layers file.
void write_true_layers(const std::filesystem::path& synth, const std::filesystem::path& file) {
  const TruthFolder truth(synth);
  const Json json = read_json(synth / "truth" / "truth.json");
  LayersInfo info;
  info.size = truth.info().size;
  info.frame_count = info.block_frames = truth.info().frames;
  info.names = {"background"};
  info.names.insert(info.names.end(), truth.info().objects.begin(), truth.info().objects.end());
  for (const auto& frame : json["order"]) {
    info.order.emplace_back();
    for (const auto& object : frame) info.order.back().push_back(static_cast<std::uint8_t>(object.get<int>() + 1));
  }
  make_folder(layers_folder(file));
  LayersBlockWriter block(file, info, 0);
  for (int t = 0; t < info.frame_count; ++t) {
    block.write(t, 0, opaque(truth.background(t)));
    for (int i = 0; i + 1 < info.layer_count(); ++i) {
      block.write(t, i + 1, truth.layer(i, t));
      info.ground_contact.push_back(lowest_row(truth.body(i, t)));
    }
  }
  block.commit();
  write_layers_index(file, info);
}

class ScoreProgramTest : public testing::Test {
 protected:
  ProgramResult synth(const std::string& options) const {
    return run_retime("synth -o " + synth_ + " --size 96x64 --frames 10 --samples 2 " + options);
  }
  const test::TemporaryFolder folder_;
  const std::string synth_ = (folder_ / "synth").string(), layers_ = (folder_ / "layers.h5").string(),
                    scene_ = (folder_ / "scene.h5").string(), json_ = (folder_ / "score.json").string();
};

TEST_F(ScoreProgramTest, TheTrueLayersOfASceneWithoutDriftAreNearlyPerfect) {
  const auto made = synth("--noise 0 --drift 0");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  write_true_layers(synth_, layers_);
  const auto scored = run_retime("score " + layers_ + " --truth " + synth_ + " --json " + json_);
  ASSERT_EQ(scored.exit_code, 0) << scored.output;
  const Json score = read_json(json_);
  for (const char* kind : {"solo", "without", "edits"})
    for (const auto& [name, video] : score[kind].items()) {
      if (name == "duplicate") continue;
      EXPECT_GT(video["psnr_changed"].get<double>(), 45) << kind << " " << name;
    }
  // Which of two copies of one person is nearer is known to the truth only.
  EXPECT_GT(score["edits"]["duplicate"]["psnr"].get<double>(), 35);
  EXPECT_LE(score["reconstruction"]["largest_difference"].get<int>(), 1);
  EXPECT_EQ(score["mean"]["effects_iou"], 1);
  EXPECT_LT(score["mean"]["leakage"].get<double>(), 0.002);  // alphas up to 0.02 count as none
}

TEST_F(ScoreProgramTest, BothBaselinesCanBeMadeAndMattingHasMoreOfTheEffects) {
  ASSERT_EQ(synth("").exit_code, 0);
  ASSERT_TRUE(succeeds(run_retime("prepare " + synth_ + " -o " + scene_)));
  double effects = -1;
  for (const std::string method : {"cutouts", "matting"}) {
    const auto made = run_retime("baseline " + scene_ + " -o " + layers_ + " --method " + method);
    ASSERT_EQ(made.exit_code, 0) << made.output;
    const auto scored =
        run_retime("score " + layers_ + " --truth " + synth_ + " --name " + method + " --json " + json_);
    ASSERT_EQ(scored.exit_code, 0) << scored.output;
    EXPECT_NE(scored.output.find(method + " on shadows, seed 1: 10 frames of 192x128"), std::string::npos);
    const Json score = read_json(json_);
    EXPECT_GT(score["mean"]["effects_iou"].get<double>(), effects) << method;
    effects = score["mean"]["effects_iou"].get<double>();
    EXPECT_GT(score["reconstruction"]["psnr"].get<double>(), 24) << method;
  }
  EXPECT_GT(effects, 0.1);
  const auto real = run_retime("score " + layers_ + " --scene " + scene_);
  EXPECT_EQ(real.exit_code, 0) << real.output;
  EXPECT_NE(real.output.find("alpha clutter"), std::string::npos);
}

TEST_F(ScoreProgramTest, VideosNeedATruth) {
  const auto result = run_retime("score --videos " + folder_.path().string());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.output.find("--truth"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace retime

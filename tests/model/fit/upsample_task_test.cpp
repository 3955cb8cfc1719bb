#include "model/fit/upsample_task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "format/layers.hpp"
#include "model/fit/fit.hpp"
#include "model/quarter_scene.hpp"
#include "model/render/layer_renderer.hpp"
#include "model/tiny_fit.hpp"

namespace retime {
namespace {

using test::metrics_of;
using test::newest_checkpoint;
using test::QuarterScene;
using test::TinyScene;

constexpr int kLayerSteps = 2 * 3, kStepsOfEpoch = 3;

// Two epochs of the layers, then the network.
FitConfig small_config(int epochs) {
  auto config = test::tiny_config(2);
  config.upsample.epochs = epochs;
  config.upsample.width = 4;
  config.upsample.crop = 48;
  return config;
}

class UpsampleTaskTest : public testing::Test {
 protected:
  UpsampleTaskTest() : threads_(at::get_num_threads()) {
    at::set_num_threads(1);
    TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
  }
  ~UpsampleTaskTest() override { at::set_num_threads(threads_); }

  void fit(const FitConfig& config, const std::string& run) const {
    fit_scene(*scene_, config, folder_ / run, {}, {{}, false});
  }

  int fit_with_stops(const FitConfig& config, const std::string& run) const {
    for (int stops = 0;; ++stops) {
      try {
        fit(config, run);
        return stops;
      } catch (const Stopped&) {
      }
    }
  }

  std::vector<nlohmann::json> upsample_lines(const std::string& run) const {
    std::vector<nlohmann::json> lines;
    for (const auto& line : metrics_of(folder_ / run))
      if (line.contains("upsample_epoch")) lines.push_back(line);
    return lines;
  }

  // All layers of a frame as the network leaves them.
  std::vector<std::uint8_t> rendered(const std::string& run, int tile, int frame) const {
    RenderOptions options;
    options.tile = tile;
    options.detail = DetailTransfer::kNone;
    options.device = DeviceChoice::kCpu;
    options.show_progress = false;
    const auto file = folder_ / (run + std::to_string(tile) + ".h5");
    render_layers(RunFolder(folder_ / run), file, options, Communicator());
    std::vector<std::uint8_t> pixels;
    const LayersReader layers(file);
    for (int layer = 0; layer < layers.info().layer_count(); ++layer) {
      Image rgba;
      layers.read(frame, layer, rgba);
      pixels.insert(pixels.end(), rgba.pixels.begin(), rgba.pixels.end());
    }
    return pixels;
  }

  test::TemporaryFolder folder_;
  std::optional<SceneReader> scene_;

 private:
  int threads_;
};

int largest_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

TEST_F(UpsampleTaskTest, IsOffUnlessAskedFor) {
  for (const int epochs : {0, 1}) {
    fit(small_config(epochs), "run");
    const auto checkpoint = newest_checkpoint(folder_ / "run");
    const auto is_of_it = [](const NamedArray& array) { return array.name.find("/upsampler.") != std::string::npos; };
    EXPECT_EQ(std::any_of(checkpoint.arrays.begin(), checkpoint.arrays.end(), is_of_it), epochs > 0);
    EXPECT_EQ(checkpoint.step, kLayerSteps + epochs * kStepsOfEpoch);
    EXPECT_EQ(upsample_lines("run").size(), static_cast<std::size_t>(epochs));
  }
}

TEST_F(UpsampleTaskTest, LossFallsAndTheLayersStayAsTheyAre) {
  auto config = small_config(0);
  config.model.layer_output = LayerOutputKind::kDirect;
  fit(config, "run");
  const auto before = test::arrays_of(newest_checkpoint(folder_ / "run"));
  config.upsample.epochs = 12;
  config.upsample.learning_rate = 3e-3;
  fit(config, "run");
  const auto lines = upsample_lines("run");
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_LT(lines.back().at("upsample_l1").get<double>(), 0.7 * lines.front().at("upsample_l1").get<double>());
  const auto after = test::arrays_of(newest_checkpoint(folder_ / "run"));
  for (const auto& [name, values] : before) EXPECT_EQ(values, after.at(name)) << name;
  EXPECT_TRUE(after.contains("adam_second/upsampler.conv8.weight"));
  EXPECT_TRUE(after.contains("buffers/upsampler.norm1.running_mean"));
}

TEST_F(UpsampleTaskTest, StopsAfterEveryStepChangeNothing) {
  for (const auto& [word, norm] : kUpsampleNorms) {
    const std::string once = "once_" + word, stopped = "stopped_" + word;
    auto config = small_config(3);
    config.upsample.norm = norm;
    fit(config, once);
    config.train.max_seconds = 1e-9;
    EXPECT_EQ(fit_with_stops(config, stopped), kLayerSteps + 3 * kStepsOfEpoch);
    test::expect_same_state(folder_ / once, folder_ / stopped);
    EXPECT_EQ(metrics_of(folder_ / once), metrics_of(folder_ / stopped));
  }
}

TEST_F(UpsampleTaskTest, SmallCacheChangesNothing) {
  auto config = small_config(3);
  fit(config, "resident");
  config.train.cache_gib = 200e3 / (1 << 30);
  fit(config, "streamed");
  const auto resident = test::arrays_of(newest_checkpoint(folder_ / "resident")),
             streamed = test::arrays_of(newest_checkpoint(folder_ / "streamed"));
  EXPECT_EQ(resident, streamed);
}

TEST_F(UpsampleTaskTest, FinishedTrainingIsNotDoneAgain) {
  fit(small_config(2), "run");
  const auto step = newest_checkpoint(folder_ / "run").step;
  EXPECT_EQ(step, kLayerSteps + 2 * kStepsOfEpoch);
  fit(small_config(2), "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").step, step);
  EXPECT_EQ(upsample_lines("run").size(), 2U);
}

TEST_F(UpsampleTaskTest, LayersThatWereFittedFartherGetANewNetwork) {
  auto config = small_config(2);
  fit(config, "run");
  config.train.epochs = 3;
  fit(config, "run");
  EXPECT_EQ(newest_checkpoint(folder_ / "run").schedule.at("upsample_step"), 2 * kStepsOfEpoch);
  EXPECT_EQ(upsample_lines("run").size(), 2U) << "the lines of the network that was given up are gone";
  EXPECT_EQ(upsample_lines("run").back().at("epoch"), 3);
}

TEST_F(UpsampleTaskTest, TilesRenderTheSameLayers) {
  for (const auto& [word, norm] : kUpsampleNorms) {
    auto config = small_config(4);
    config.upsample.norm = norm;
    config.upsample.learning_rate = 1e-2;
    config.model.layer_output = LayerOutputKind::kDirect;
    fit(config, word);
    EXPECT_LE(largest_difference(rendered(word, 512, 5), rendered(word, 32, 5)), 1) << word;
  }
  auto config = small_config(0);
  config.model.layer_output = LayerOutputKind::kDirect;
  fit(config, "bilinear");
  EXPECT_GT(largest_difference(rendered("frozen", 512, 5), rendered("bilinear", 512, 5)), 4)
      << "the trained network is used";
}

TEST_F(UpsampleTaskTest, PublishedReadingsTrainIt) {
  for (auto config : {test::released_config(2), test::patent_config(2)}) {
    config.upsample = small_config(2).upsample;
    config.upsample.norm = UpsampleNorm::kInstance;
    config.upsample.residual_scale = 0.01;
    const std::string run = config.loss.mask_loss == MaskLoss::kPatent ? "patent" : "released";
    fit(config, run);
    for (const auto& line : upsample_lines(run)) EXPECT_TRUE(line.at("upsample_l1").is_number());
    EXPECT_FALSE(rendered(run, 32, 5).empty());
  }
}

TEST_F(UpsampleTaskTest, TwoDoublingsAreTrainedAtOnce) {
  QuarterScene::write(folder_ / "quarter.h5");
  const SceneReader scene(folder_ / "quarter.h5");
  auto config = small_config(12);
  config.model.layer_output = LayerOutputKind::kDirect;
  config.upsample.crop = 64;
  config.upsample.learning_rate = 1e-2;
  fit_scene(scene, config, folder_ / "run", {}, {{}, false});
  const auto lines = upsample_lines("run");
  EXPECT_LT(lines.back().at("upsample_l1").get<double>(), 0.8 * lines.front().at("upsample_l1").get<double>());
  EXPECT_LE(largest_difference(rendered("run", 512, 5), rendered("run", 32, 5)), 1);
}

TEST_F(UpsampleTaskTest, OtherWidthIsRefused) {
  fit(small_config(1), "run");
  auto config = small_config(2);
  config.upsample.width = 8;
  EXPECT_THAT(test::message_of<Error>([&] { fit(config, "run"); }), testing::HasSubstr("upsample-width = 4 -> 8"));
}

}  // namespace
}  // namespace retime

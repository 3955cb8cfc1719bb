// A fit and a rendering by several ranks give what one rank alone gives.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/layers.hpp"
#include "core/temporary_folder.hpp"
#include "model/layer_renderer.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"
#include "ranks.hpp"

namespace retime::test {
namespace {

constexpr double kTolerance = 1e-4;

/// A convolution's bias before a batch norm has no effect and no gradient but rounding, which Adam makes steps of.
bool is_without_effect(const std::string& name) {
  return name.ends_with(".bias") && name.find("_norm.") == std::string::npos &&
         name.find("out.") == std::string::npos && name.find(".e1.") == std::string::npos;
}

/// Compares arrays whose names start with `prefix`: the root mean square of their difference to that of their values or
/// to `floor`. (Single values may differ more: where a gradient is nothing but rounding, Adam makes a step of it.)
void expect_close(const Checkpoint& found, const Checkpoint& expected, const std::string& prefix, double floor) {
  const bool batch_norm = expected.config.find("norm = sync_batch") != std::string::npos;
  const auto arrays = arrays_of(expected);
  for (const auto& [name, values] : arrays_of(found)) {
    if (!name.starts_with(prefix) || (batch_norm && is_without_effect(name))) continue;
    const auto& others = arrays.at(name);
    double error = 0, scale = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      error += std::pow(static_cast<double>(values[i]) - others[i], 2);
      scale += std::pow(static_cast<double>(others[i]), 2);
    }
    const double count = std::max<double>(1, static_cast<double>(values.size()));
    const double tolerance = (batch_norm ? 10 : 1) * kTolerance;
    EXPECT_LE(std::sqrt(error / count), tolerance * std::max(floor, std::sqrt(scale / count))) << name;
  }
}

double largest(const Checkpoint& checkpoint, const std::string& prefix) {
  double result = 0;
  for (const auto& [name, values] : arrays_of(checkpoint))
    for (const float value : values)
      if (name.starts_with(prefix)) result = std::max(result, std::abs(static_cast<double>(value)));
  return result;
}

class TrainerRanks : public testing::Test {
 protected:
  TrainerRanks() : path_(ranks().broadcast(folder_.path().string())) {
    if (ranks().is_root()) TinyScene().write(path_ / "scene.h5");
    ranks().barrier();
    scene_.emplace(path_ / "scene.h5");
  }
  ~TrainerRanks() override { ranks().barrier(); }

  // Fits by all ranks, then by rank 0 alone.
  void fit_both_ways(const FitConfig& config) const {
    fit(*scene_, config, path_ / "ranks", ranks());
    if (ranks().is_root()) fit(*scene_, config, path_ / "alone");
    ranks().barrier();
  }

  void expect_same_parameters() const {
    if (!ranks().is_root()) return;
    const auto many = newest_checkpoint(path_ / "ranks"), one = newest_checkpoint(path_ / "alone");
    EXPECT_EQ(many.step, one.step);
    expect_close(many, one, "parameters/", 0.1);
  }

  void expect_same_metrics() const {
    if (!ranks().is_root()) return;
    const auto many = metrics_of(path_ / "ranks"), one = metrics_of(path_ / "alone");
    ASSERT_EQ(many.size(), one.size());
    for (std::size_t i = 0; i < one.size(); ++i)
      for (const auto& [name, value] : one[i].items())
        EXPECT_NEAR(many[i].at(name).get<double>(), value.get<double>(),
                    kTolerance * std::max(value.get<double>(), 0.01))
            << name << " of epoch " << i + 1;
  }

  TemporaryFolder folder_;
  const std::filesystem::path path_;
  std::optional<SceneReader> scene_;
};

struct Way {
  const char* name;
  const char* norm;
  const char* background;
  int batch_frames;
};

class TrainerWays : public TrainerRanks, public testing::WithParamInterface<Way> {
 protected:
  static FitConfig config() {
    auto config = std::string(GetParam().background) == "plate" ? tiny_config(2) : patent_config(2);
    config.model.norm = GetParam().norm;
    config.model.layer_output = "direct";
    config.model.bottleneck_dilation = 1;  // the dilated kernel sees nothing of a bottleneck that is one row high
    config.model.skip_absent = true;       // some ranks then have nothing to render in some steps
    config.train.batch_frames = GetParam().batch_frames;
    return config;
  }
};

TEST_P(TrainerWays, RanksFollowThePathOfOne) {
  fit_both_ways(config());
  expect_same_metrics();
  expect_same_parameters();
}

TEST_P(TrainerWays, GradientsAreThoseOfOne) {
  auto one_step = config();
  one_step.train.max_seconds = 1e-9;
  EXPECT_THROW(fit(*scene_, one_step, path_ / "ranks", ranks()), Stopped);
  if (!ranks().is_root()) return;
  EXPECT_THROW(fit(*scene_, one_step, path_ / "alone"), Stopped);
  const auto many = newest_checkpoint(path_ / "ranks"), one = newest_checkpoint(path_ / "alone");
  expect_close(many, one, "adam_first/", 1e-2 * largest(one, "adam_first/"));  // a tenth of the gradient
  expect_close(many, one, "buffers/", 0.1);
}

INSTANTIATE_TEST_SUITE_P(Ways, TrainerWays,
                         testing::Values(Way{"group", "group", "plate", 4}, Way{"sync_batch", "sync_batch", "plate", 4},
                                         Way{"group_neural", "group", "neural", 4},
                                         Way{"sync_batch_neural", "sync_batch", "neural", 4},
                                         Way{"uneven_shares", "group", "plate", 5},
                                         Way{"uneven_shares_sync_batch", "sync_batch", "neural", 5},
                                         Way{"fewer_frames_than_four_ranks", "group", "plate", 3},
                                         Way{"fewer_frames_than_four_ranks_sync_batch", "sync_batch", "neural", 3},
                                         Way{"one_frame", "group", "plate", 1}),
                         [](const auto& way) { return way.param.name; });

// An output that starts at zero gives gradients so small that Adam makes steps of their rounding: what holds is the
// losses.
TEST_F(TrainerRanks, CorrectionsAndCompletionsFollowTheLossesOfOne) {
  for (const auto& [layer_output, norm] :
       {std::pair("correction", "group"), std::pair("correction", "sync_batch"), std::pair("completion", "group")}) {
    auto config = tiny_config(3);
    config.model.layer_output = layer_output;
    config.model.norm = norm;
    config.train.resume = "none";
    fit_both_ways(config);
    expect_same_metrics();
  }
}

TEST_F(TrainerRanks, StopIsTakenByAllRanksAndResumedByAnyNumber) {
  auto config = tiny_config(3);
  config.train.max_seconds = 1e-9;
  EXPECT_THROW(fit(*scene_, config, path_ / "ranks", ranks()), Stopped);
  EXPECT_THROW(fit(*scene_, config, path_ / "ranks", ranks()), Stopped);
  config.train.max_seconds = 0;
  if (ranks().is_root()) {  // two steps by all ranks, the rest by one
    fit(*scene_, config, path_ / "ranks");
    fit(*scene_, config, path_ / "alone");
  }
  ranks().barrier();
  expect_same_parameters();
  expect_same_metrics();
}

TEST_F(TrainerRanks, FitOfOneRankGoesOnWithMany) {
  auto config = tiny_config(3);
  if (ranks().is_root()) {
    fit(*scene_, config, path_ / "alone");
    config.train.max_seconds = 1e-9;
    for (int steps = 0; steps < 4; ++steps) EXPECT_THROW(fit(*scene_, config, path_ / "ranks"), Stopped);
    config.train.max_seconds = 0;
  }
  ranks().barrier();
  fit(*scene_, config, path_ / "ranks", ranks());  // from the second epoch's second step
  expect_same_parameters();
  expect_same_metrics();
}

TEST_F(TrainerRanks, RanksRenderTheBlocksOfOne) {
  for (const char* norm : {"group", "batch"}) {
    auto config = tiny_config(1);
    config.model.norm = norm;
    const auto run = path_ / norm;
    fit(*scene_, config, run, ranks());
    ranks().barrier();
    RenderOptions options;
    options.block_frames = 2;
    options.show_progress = false;
    const auto report = render_layers(RunFolder(run), run / "many.h5", options, "cpu", ranks());
    EXPECT_EQ(report.blocks_made, 6) << "every rank knows the sum";
    if (!ranks().is_root()) continue;
    render_layers(RunFolder(run), run / "one.h5", options, "cpu", Communicator());
    const LayersReader many(run / "many.h5"), one(run / "one.h5");
    Image a, b;
    for (int t = 0; t < TinyScene::kFrames; ++t)
      for (int layer = 0; layer < 3; ++layer) {
        many.read(t, layer, a);
        one.read(t, layer, b);
        EXPECT_EQ(a.pixels, b.pixels) << "frame " << t << " layer " << layer;
      }
  }
  ranks().barrier();
}

}  // namespace
}  // namespace retime::test

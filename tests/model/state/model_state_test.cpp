#include "model/state/model_state.hpp"

#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "model/layers/composite.hpp"
#include "model/scene/sampler.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

class FittedModel : public testing::TestWithParam<NormKind> {
 protected:
  FittedModel() : threads_(at::get_num_threads()) {
    at::set_num_threads(1);
    test::TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
    data_.emplace(*scene_, 0, scene_->info().frame_count, false, c10::kCPU);
  }

  ~FittedModel() override { at::set_num_threads(threads_); }

  // Mean difference of the composed batches from their frames, colours in [-1, 1].
  double error(LayeredModel& model, const std::vector<std::vector<int>>& batches) const {
    double sum = 0;
    for (const auto& frames : batches) {
      const auto batch = make_batch(*data_, frames, {}, model->options().skip_absent);
      const auto layers = model->forward(batch, false);
      sum += (over(layers.background, stack_layers(layers.slots, batch)) - batch.frames).abs().mean().item<double>();
    }
    return sum / static_cast<double>(batches.size());
  }

  test::TemporaryFolder folder_;
  std::optional<SceneReader> scene_;
  std::optional<SceneData> data_;

 private:
  int threads_;
};

// Whatever a fit's last steps left in the running averages: those of the finished weights count.
TEST_P(FittedModel, RendersAsItWasTrained) {
  auto config = test::released_config(15);
  config.model.norm = GetParam();
  test::fit(*scene_, config, folder_ / "run");
  auto checkpoint = test::newest_checkpoint(folder_ / "run");
  for (auto& array : checkpoint.arrays)
    if (array.name.find("running_var") != std::string::npos)
      for (auto& variance : array.floats) variance *= 16;
  auto model = load_fitted_model(*scene_, checkpoint, c10::kCPU);
  std::vector<std::vector<int>> single;
  for (int t = 0; t < scene_->info().frame_count; ++t) single.push_back({t});
  const torch::NoGradGuard guard;
  const double rendered = error(model, single);
  model->train();
  const double trained =
      error(model, BatchSampler(scene_->info().frame_count, config.train.batch_frames, 1).epoch(0, 0, 1));
  EXPECT_LT(rendered, 1.02 * trained);
}

INSTANTIATE_TEST_SUITE_P(Norms, FittedModel,
                         testing::Values(NormKind::kBatch, NormKind::kSyncBatch, NormKind::kInstance, NormKind::kGroup),
                         [](const auto& test) { return word_of(kNorms, test.param); });

}  // namespace
}  // namespace retime

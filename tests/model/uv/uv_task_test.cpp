#include "model/uv/uv_task.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "model/fit/fit_loop.hpp"
#include "model/state/model_state.hpp"
#include "model/uv/uv_pairs.hpp"

namespace retime {
namespace {

using test::square_pair;
using test::tiny_uv_config;

// One thread, as nets as small as these are not worth two.
class UvTaskTest : public testing::Test {
 protected:
  UvTaskTest() { at::set_num_threads(1); }
  ~UvTaskTest() override { at::set_num_threads(threads_); }

 private:
  int threads_ = at::get_num_threads();
};

std::vector<torch::Tensor> parameters_of(UvTask& task) {
  std::vector<torch::Tensor> values;
  for (const auto& parameter : task.module().parameters()) values.push_back(parameter.detach().clone());
  return values;
}

TEST_F(UvTaskTest, LearnsWhereBodiesAre) {
  const FitRanks alone(torch::kCPU);
  const auto config = tiny_uv_config(40);
  UvTask task(config, square_pair, alone);
  FitLoop(task, config.train, alone, false).run();
  UvNetwork network(config, std::make_shared<Collectives>());
  Checkpoint weights;
  weights.arrays = save_module(task.module());
  load_module(*network, weights);
  settle_statistics(network, config, square_pair, torch::kCPU);
  const auto score = score_uv(network, square_pair, 12, 32, torch::kCPU);
  EXPECT_GT(score.silhouette_iou, 0.6);
  EXPECT_GT(score.part_accuracy, 0.6);
  EXPECT_LT(score.uv_error, 0.25);
}

TEST_F(UvTaskTest, GoesOnBitForBit) {
  const test::TemporaryFolder folder;
  const FitRanks alone(torch::kCPU);
  const auto config = tiny_uv_config(2);
  UvTask whole(config, square_pair, alone);
  FitLoop(whole, config.train, alone, false).run();

  auto first = config;
  first.train.epochs = 1;
  UvTask begun(first, square_pair, alone);
  FusedAdam idle({FusedAdam::learning_of(begun.module())});
  {
    FitSession session(folder.path(), first.train, Communicator(), {.write_preview = {}, .show_progress = false});
    FitLoop loop(begun, first.train, session);
    session.take_over_folder(first.train, loop.at(), {}, first.text());
    loop.run();
  }
  FitSession session(folder.path(), config.train, Communicator(), {.write_preview = {}, .show_progress = false});
  UvTask resumed(config, square_pair, alone);
  FitLoop loop(resumed, config.train, session);
  const auto file = session.resume_file(config.train);
  loop.resume(read_checkpoint(file), file);
  EXPECT_EQ(loop.at().epoch, 1);
  loop.run();
  const auto expected = parameters_of(whole), found = parameters_of(resumed);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(torch::equal(expected[i], found[i])) << i;
}

TEST_F(UvTaskTest, RefusesACheckpointOfAnotherNetwork) {
  const FitRanks alone(torch::kCPU);
  UvTask task(tiny_uv_config(1), square_pair, alone);
  FusedAdam optimizer({FusedAdam::learning_of(task.module())});
  auto checkpoint = task.checkpoint({}, optimizer);
  auto wide = tiny_uv_config(1);
  wide.width = 8;
  UvTask other(wide, square_pair, alone);
  FusedAdam others({FusedAdam::learning_of(other.module())});
  EXPECT_THROW(other.restore(checkpoint, "c.h5", others), Error);
}

TEST(UvConfig, IsToldFromTheFitOfALayer) {
  EXPECT_THROW(UvConfig::from_text(FitConfig().text()), Error);
  EXPECT_THROW(FitConfig::from_text(UvConfig().text()), Error);
  EXPECT_EQ(UvConfig::from_text(UvConfig().text()).pairs, UvConfig().pairs);
}

TEST(UvSums, CountTheTruePartAlone) {
  UvPrediction prediction{torch::zeros({1, 25, 2, 2}), torch::zeros({1, 24, 2, 2, 2})};
  auto iuv = torch::zeros({1, 3, 2, 2}, torch::kByte);
  iuv[0][0][0][0] = 5;  // told right, U and V wrong by a half
  iuv[0][1][0][0] = 255, iuv[0][2][0][0] = 0;
  iuv[0][0][1][1] = 6;  // told to be part 5
  prediction.parts[0][5][0][0] = 10, prediction.parts[0][5][1][1] = 10;
  prediction.uv[0][4][0][0][0] = 0.5, prediction.uv[0][4][1][0][0] = 0.5;
  const auto sums = uv_sums(prediction, iuv, torch::ones({1}));
  EXPECT_EQ(sums.body.item<float>(), 2);
  EXPECT_EQ(sums.all.item<float>(), 4);
  EXPECT_EQ(sums.right.item<float>(), 1);
  EXPECT_NEAR(sums.uv.item<float>(), 0.5, 1e-6) << "(1 - 0.5 + 0.5 - 0) / 2 for the first, nothing for the second";
  const auto none = uv_sums(prediction, iuv, torch::zeros({1}));
  EXPECT_EQ(none.body.item<float>(), 0);
  EXPECT_EQ(none.cross_entropy.item<float>(), 0);
}

TEST(PaintedIuv, IsThatOfTheLikeliestPart) {
  UvPrediction prediction{torch::zeros({1, 25, 1, 2}), torch::zeros({1, 24, 2, 1, 2})};
  prediction.parts[0][9][0][1] = 3;
  prediction.parts[0][0][0][0] = 3;
  prediction.uv[0][8][0][0][1] = 0.5, prediction.uv[0][8][1][0][1] = 1.5;
  prediction.uv[0][0][0][0][0] = 0.7;
  const auto iuv = painted_iuv(prediction, 0);
  EXPECT_EQ(iuv[0][0][0].item<int>(), 0);
  EXPECT_EQ(iuv[1][0][0].item<int>(), 0);
  EXPECT_EQ(iuv[0][0][1].item<int>(), 9);
  EXPECT_EQ(iuv[1][0][1].item<int>(), 128);
  EXPECT_EQ(iuv[2][0][1].item<int>(), 255) << "limited";
}

}  // namespace
}  // namespace retime

#include "model/fit/fit_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "model/fit/toy_task.hpp"
#include "model/tiny_fit.hpp"

namespace retime {
namespace {

using test::ToyTask;
using testing::ElementsAre;

// Five frames in batches of two: three steps an epoch, the last with one frame.
constexpr int kSteps = 3;

TrainOptions toy_options() {
  TrainOptions options;
  options.checkpoint_epochs = 1;
  options.device = DeviceChoice::kCpu;
  return options;
}

torch::Tensor fitted(ToyTask& task) {
  FitLoop loop(task, toy_options(), FitRanks(torch::kCPU), false);
  loop.run();
  EXPECT_EQ(loop.at().step, task.plan().epochs * kSteps);
  return task.net->weight.detach();
}

class FitLoopTest : public testing::Test {
 protected:
  FitLoopTest() { std::filesystem::create_directories(run_ / "checkpoints"); }

  // The fit of an epoch after the other, with a stop after each step.
  void fit_with_stops(int epochs) {
    auto options = toy_options();
    options.max_seconds = 1e-9;
    for (bool stopped = true; stopped;) {
      stopped = false;
      FitSession session(run_.path(), options, {}, {{}, false});
      ToyTask task(epochs);
      FitLoop loop(task, options, session);
      Checkpoint checkpoint;
      std::filesystem::path file;
      if (session.run().checkpoints().read_newest(checkpoint, &file)) loop.resume(checkpoint, file);
      try {
        loop.run();
      } catch (const Stopped& stop) {
        stopped = true;
        EXPECT_THAT(stop.what(), testing::HasSubstr(" of the toy (everything is saved)"));
      }
      weight_ = task.net->weight.detach();
      sums_.insert(sums_.end(), task.sums.begin(), task.sums.end());
    }
  }

  test::TemporaryFolder run_;
  torch::Tensor weight_;
  std::vector<torch::Tensor> sums_;
};

TEST_F(FitLoopTest, AsksATaskInOrder) {
  ToyTask task(2);
  fitted(task);
  EXPECT_THAT(task.calls, ElementsAre("begin 0", "end 0", "after 1", "begin 1", "end 1", "after 2"));
  EXPECT_THAT(task.coming_frames, ElementsAre(10U, 10U)) << "this epoch's and the next one's";
  EXPECT_THAT(task.next_frames, ElementsAre(2U, 2U, 0U, 2U, 2U, 0U));
  for (const auto& sums : task.sums) EXPECT_EQ(sums[1].item<float>(), ToyTask::kFrames);
}

TEST_F(FitLoopTest, StopsAfterEveryStepChangeNothing) {
  ToyTask task(2);
  const auto weight = fitted(task);
  fit_with_stops(2);
  EXPECT_TRUE(torch::equal(weight_, weight));
  ASSERT_EQ(sums_.size(), task.sums.size());
  for (std::size_t i = 0; i < sums_.size(); ++i) EXPECT_TRUE(torch::equal(sums_[i], task.sums[i])) << i;
  const auto lines = test::metrics_of(run_.path());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].at("toy_epoch"), 2);
  EXPECT_EQ(lines[1].at("learning_rate"), 0.1 / (2 * kSteps - 1 + 1 + 1));
}

TEST_F(FitLoopTest, EpochBeginsAnewWhenOtherFramesShareItsSteps) {
  auto options = toy_options();
  options.max_seconds = 1e-9;
  {
    FitSession session(run_.path(), options, {}, {{}, false});
    ToyTask task(1);
    EXPECT_THROW(FitLoop(task, options, session).run(), Stopped);
  }
  ToyTask task(1);
  task.same_steps = false;
  FitLoop loop(task, toy_options(), FitRanks(torch::kCPU), false);
  loop.resume(test::newest_checkpoint(run_.path()), "file");
  loop.run();
  EXPECT_EQ(loop.at().step, 1 + kSteps);
  EXPECT_EQ(task.sums.at(0)[1].item<float>(), ToyTask::kFrames);
}

}  // namespace
}  // namespace retime

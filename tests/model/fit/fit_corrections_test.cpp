// Fits of scenes that people put right in between, or of which they leave out frames.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/scene_fingerprint.hpp"
#include "model/fit/tiny_fit_fixture.hpp"
#include "model/scene/batch.hpp"
#include "model/state/model_state.hpp"

namespace retime {
namespace {

using test::fit;
using test::TinyScene;
using testing::ElementsAre;

class FitCorrectionsTest : public test::TinyFitTest {
 protected:
  SceneReader corrected(const std::string& corrections, const std::vector<int>& left_out = {}) const {
    TinyScene{.corrections = corrections, .left_out = left_out}.write(folder_ / "corrected.h5");
    return SceneReader(folder_ / "corrected.h5");
  }
};

TEST_F(FitCorrectionsTest, AFitThatWasOverTakesItsLastEpochsAgain) {
  const auto config = test::tiny_config(4);
  fit(*scene_, config, folder_ / "run");
  Checkpoint before, after;
  ASSERT_TRUE(CheckpointFolder(folder_ / "run").read_newest(before));
  const auto scene = corrected("[{\"rename\"...}]");
  EXPECT_TRUE(differ_by_corrections(before.scene_fingerprint, scene.fingerprint()));
  EXPECT_TRUE(has_sizes_of(before, scene));
  fit(scene, config, folder_ / "run");
  ASSERT_TRUE(CheckpointFolder(folder_ / "run").read_newest(after));
  EXPECT_EQ(after.scene_fingerprint, scene.fingerprint());
  EXPECT_EQ(after.epoch, 4);
  EXPECT_EQ(after.step, before.step + test::kStepsPerEpoch) << "one epoch of four, again";
  fit(scene, config, folder_ / "run");
  Checkpoint same;
  ASSERT_TRUE(CheckpointFolder(folder_ / "run").read_newest(same));
  EXPECT_EQ(same.step, after.step) << "nothing is left to do";
}

TEST_F(FitCorrectionsTest, SizesTellWhetherAFitCanGoOn) {
  fit(*scene_, test::tiny_config(1), folder_ / "run");
  Checkpoint checkpoint;
  ASSERT_TRUE(CheckpointFolder(folder_ / "run").read_newest(checkpoint));
  for (auto& array : checkpoint.arrays)
    if (array.name == "parameters/plate") array.dims.back() += 2;
  EXPECT_FALSE(has_sizes_of(checkpoint, *scene_));
}

TEST_F(FitCorrectionsTest, NothingIsLearnedFromFramesThatAreLeftOut) {
  const auto scene = corrected("[{\"leave_out\": 5}]", {5});
  EXPECT_THAT(scene.info().left_out, ElementsAre(5));
  const SceneData data(scene, 0, TinyScene::kFrames, true, torch::kCPU);
  const auto batch = make_batch(data, {4, 5}, {}, true);
  EXPECT_TRUE(torch::equal(batch.frame_weight, torch::tensor({1.F, 0.F})));
  EXPECT_TRUE(torch::equal(batch.slot_weight, torch::tensor({1.F, 1.F, 0.F, 0.F})));
  EXPECT_TRUE(batch.padded);
}

}  // namespace
}  // namespace retime

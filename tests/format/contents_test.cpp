#include "format/contents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "format/checkpoint.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::AllOf;
using testing::HasSubstr;

class ContentsTest : public testing::Test {
 protected:
  void write_layers() const {
    LayersInfo info;
    info.size = {6, 4};
    info.fps = {24, 1};
    info.frame_count = 2;
    info.names = {"background", "anna"};
    info.order = {{1}, {1}};
    info.source.path = "/clips/a.mp4";
    info.fingerprint = "fit-1";
    const auto path = folder_ / "layers.h5";
    std::filesystem::create_directories(layers_folder(path));
    LayersBlockWriter(path, info, 0).commit();
    write_layers_index(path, info);
  }

  static void write_fit(const std::filesystem::path& run) {
    std::filesystem::create_directories(run / "checkpoints");
    test::write_bytes(run / "run.json", R"({"scene": "/out/scene.h5", "scene_from_run": "../scene.h5"})");
    test::write_bytes(run / "status.json", R"({"state": "fitting"})");
    test::write_bytes(run / "config.cfg", "[train]\nepochs = 20\n\n[upsample]\nupsample-epochs = 5\n");
    test::write_bytes(run / "metrics.jsonl",
                      "{\"epoch\": 1, \"step\": 10, \"reconstruction\": 0.5}\n"
                      "{\"epoch\": 2, \"step\": 20, \"reconstruction\": 0.25}\n"
                      "{\"epoch\": 2, \"upsample_epoch\": 3, \"step\": 26, \"upsample_l1\": 0.125}\n{\"epo");
    Checkpoint checkpoint;
    checkpoint.step = 20;
    checkpoint.epoch = 2;
    write_checkpoint(CheckpointFolder(run).path_of(20), checkpoint);
    test::write_bytes(CheckpointFolder(run).path_of(26), "cut off");
  }

  test::TemporaryFolder folder_;
};

TEST_F(ContentsTest, OfLayersAreNamed) {
  write_layers();
  const auto contents = contents_of(folder_ / "layers.h5");
  EXPECT_EQ(contents["kind"], "layers");
  EXPECT_EQ(contents["residual"], false);
  EXPECT_EQ(contents["layers"].dump(), R"(["background","anna"])");
  EXPECT_EQ(contents_text(contents),
            "layers: 2 frames, 6x4, 24 frames per second, 1 block\nlayer 0: background\nlayer 1: anna\n");
}

TEST_F(ContentsTest, OfASceneTellInHowManyFramesJointsAreKnown) {
  {
    SceneInfo info;
    info.size = {6, 4};
    info.fps = {24, 1};
    SceneWriter writer(folder_ / "scene.h5", info);
    for (int t = 0; t < 3; ++t) writer.add_frame(Image({6, 4}, 3), Image({12, 8}, 3));
    writer.set_objects({"anna"}, false);
    for (int t = 0; t < 3; ++t) writer.write_order(t, std::vector<std::uint8_t>{0});
    std::vector<float> joints(3 * 17 * 3, 0.F);
    joints[17 * 3 + 5] = 0.5F;  // the confidence of frame 1's second joint
    joints[2 * 17 * 3] = 7;     // x of a joint that is not known
    writer.write_keypoints(0, joints);
    writer.write_notes(0, {"a person", "completed behind others in 3 frames"});
    writer.commit();
  }
  const auto contents = contents_of(folder_ / "scene.h5");
  EXPECT_EQ(contents["objects"][0]["keypoints"], 1);
  EXPECT_EQ(contents["objects"][0]["notes"][1], "completed behind others in 3 frames");
  EXPECT_THAT(contents_text(contents), HasSubstr("layer 1: anna, in 0 frames, joints in 1\n  a person\n  completed"));
}

TEST_F(ContentsTest, OfASceneNameTheFramesThatCorrectionsLeaveOut) {
  const auto write = [&](const std::vector<int>& left_out) {
    SceneInfo info;
    info.size = {6, 4};
    SceneWriter writer(folder_ / "scene.h5", info);
    for (int t = 0; t < 8; ++t) writer.add_frame(Image({6, 4}, 3), Image({12, 8}, 3));
    writer.set_objects({"anna"}, false);
    for (int t = 0; t < 8; ++t) writer.write_order(t, std::vector<std::uint8_t>{0});
    writer.write_corrections("some", left_out);
    writer.commit();
    return contents_of(folder_ / "scene.h5");
  };
  const auto contents = write({2, 3, 4, 6});
  EXPECT_EQ(contents["left_out"].size(), 4U);
  EXPECT_THAT(contents_text(contents), HasSubstr("\nleft out by corrections: frames 2-4, 6\n"));
  EXPECT_FALSE(write({}).contains("left_out"));
}

TEST_F(ContentsTest, OfACheckpointShowItsConfiguration) {
  Checkpoint checkpoint;
  checkpoint.step = 30;
  checkpoint.epoch = 3;
  checkpoint.config = "[train]\nepochs = 3\n";
  checkpoint.arrays = {{"parameters/plate", {1, 2}, {0.25F, 1}, {}}, {"counts/frames", {2}, {}, {9, -1}}};
  write_checkpoint(folder_ / "c.h5", checkpoint);
  const auto contents = contents_of(folder_ / "c.h5");
  EXPECT_EQ(contents["parameters"], 2);
  EXPECT_EQ(contents_text(contents), "checkpoint: epoch 3, step 30, 2 parameters\n\n[train]\nepochs = 3\n");
}

TEST_F(ContentsTest, OfAFitTellHowFarItIs) {
  write_fit(folder_ / "run");
  const auto contents = contents_of(folder_ / "run");
  EXPECT_EQ(contents["kind"], "fit");
  EXPECT_EQ(contents["complete"], false);
  EXPECT_EQ(contents["last_epoch"]["reconstruction"], 0.25);
  EXPECT_EQ(contents["checkpoints"].size(), 2U);
  EXPECT_THAT(contents_text(contents),
              AllOf(HasSubstr("fit: not complete"), HasSubstr("scene: /out/scene.h5\n"), HasSubstr("run/config.cfg\n"),
                    HasSubstr("epoch 2 of 20, step 20; in it, on average:\n  reconstruction 0.25\n"),
                    HasSubstr("epoch 3 of 5 of the upsampling network:\n  upsample_l1 0.125\n"),
                    HasSubstr("checkpoint step_000000020.h5: epoch 2, step 20\n"),
                    HasSubstr("checkpoint step_000000026.h5: ")));
}

TEST_F(ContentsTest, OfAFitThatHasJustBegunAreComplete) {
  write_fit(folder_ / "run");
  std::filesystem::remove(folder_ / "run/metrics.jsonl");
  test::write_bytes(folder_ / "run/status.json", R"({"state": "fitted"})");
  EXPECT_THAT(contents_text(contents_of(folder_ / "run")),
              AllOf(HasSubstr("fit: complete"), HasSubstr("no epoch is over")));
}

TEST_F(ContentsTest, OfARunTellEachStage) {
  test::write_bytes(folder_ / "scene.h5", "not HDF5");
  write_fit(folder_ / "run");
  test::write_bytes(folder_ / "retimed.mp4", "");
  const auto contents = contents_of(folder_.path());
  EXPECT_EQ(contents["kind"], "run");
  EXPECT_EQ(contents["scene"]["kind"], "damaged");
  EXPECT_TRUE(contents["layers"].is_null());
  EXPECT_THAT(contents_text(contents),
              AllOf(HasSubstr("run: not complete"), HasSubstr("scene.h5"), HasSubstr("fit: not"),
                    HasSubstr("layers: not there yet"), HasSubstr("videos: retimed.mp4")));
}

TEST_F(ContentsTest, OfOtherThingsAreRefused) {
  EXPECT_THAT(message_of<Error>([&] { contents_of(folder_.path()); }), HasSubstr("is not a folder of retime"));
  test::write_bytes(folder_ / "noise.h5", "noise");
  EXPECT_THAT(message_of<Error>([&] { contents_of(folder_ / "noise.h5"); }), HasSubstr("noise.h5"));
  EXPECT_THROW(contents_of(folder_ / "none.h5"), Error);
}

}  // namespace
}  // namespace retime

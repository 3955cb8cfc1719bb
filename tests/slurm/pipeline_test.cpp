// Chains of jobs and arrays of them.

#include <fstream>

#include "slurm/slurm_fixture.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;

TEST_F(Slurm, AChainLeadsFromTheClipToTheVideoAndWaitsForARequeuedStage) {
  const auto folder = results("chain", false);
  std::ofstream(folder / "edit.json") << R"({"edits": [{"layer": "object_1", "offset": 4}]})";
  const auto submitted =
      script("pipeline.sh " + kRoomClip + " -o " + folder.string() + " --edit " + (folder / "edit.json").string() +
             " -c preview --prepare=--size=96x54 --prepare=--objects=2 --prepare=--last-frame=23 --train=--width=4 "
             "--train=--batch-frames=8 --train=--epochs=8 --train=--checkpoint-epochs=1");
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  ASSERT_TRUE(gets_beyond(folder, 0)) << submitted.output;
  cluster().run("scancel --signal=USR2 " + job_of("train", submitted.output));
  EXPECT_EQ(end_of(job_of("compose", submitted.output)), "COMPLETED") << submitted.output;
  EXPECT_EQ(value_of(job_of("train", submitted.output), "Restarts"), "1");
  EXPECT_EQ(newest(folder).epoch, 8);
  EXPECT_TRUE(fs::exists(folder / "retimed.mp4"));
}

TEST_F(Slurm, AFailedStageTakesTheRestOfTheChainWithIt) {
  const auto folder = results("broken");
  const auto submitted = script("pipeline.sh " + kRoomClip + " -o " + folder.string() +
                                " --stages 'train render compose' --train=--width=none");
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  EXPECT_EQ(end_of(job_of("train", submitted.output)), "FAILED");
  EXPECT_EQ(end_of(job_of("render", submitted.output)), "CANCELLED");
  EXPECT_EQ(end_of(job_of("compose", submitted.output)), "CANCELLED");
}

TEST_F(Slurm, EachTaskOfACatalogIsRequeuedByItself) {
  const auto folder = results("catalog", false);
  std::ofstream(folder / "list") << "first 0 15\nsecond 8 23\nthird 16 31\n";
  const auto submitted =
      script("submit.sh catalog " + folder.string() + " --array=0-2%2",
             "RETIME_CATALOG=" + (folder / "list").string() + " RETIME_CATALOG_OUT=" + folder.string() +
                 " RETIME_PROGRAM=" RETIME_PROGRAM " TEST_PROGRAM=" RETIME_SOURCE_DIR "/tests/slurm/catalog_entry.sh");
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  const auto job = std::to_string(std::stoi(submitted.output));
  ASSERT_TRUE(gets_beyond(folder / "second", 0)) << logs(folder);
  cluster().run("scancel --signal=USR2 " + job + "_1");
  EXPECT_EQ(end_of(job), "COMPLETED");
  for (const std::string task : {"_0", "_1", "_2"})
    EXPECT_EQ(value_of(job + task, "Restarts"), task == "_1" ? "1" : "0") << task;
  for (const char* clip : {"first", "second", "third"}) EXPECT_EQ(newest(folder / clip).epoch, 12) << clip;
}

// What a rank chooses its GPU by.
TEST_F(Slurm, EachRankSeesAllGpusOfItsNode) {
  for (const std::string launcher : {"srun", "mpirun"}) {
    const auto folder = results("gpus_" + launcher, false);
    const auto submitted =
        script("submit.sh catalog " + folder.string() + " --array=0 --nodes=2 --ntasks-per-node=2 --gpus-per-node=2",
               "RETIME_CATALOG=none RETIME_CATALOG_OUT=" + folder.string() + " TEST_LAUNCHER=" + launcher +
                   " TEST_PROGRAM=" RETIME_SOURCE_DIR "/tests/slurm/tell_gpus.sh");
    ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
    EXPECT_EQ(end_of(std::to_string(std::stoi(submitted.output))), "COMPLETED");
    const auto text = logs(folder);
    for (const char* rank : {"rank 0: local rank 0 of 2 sees 0,1", "rank 1: local rank 1 of 2 sees 0,1",
                             "rank 2: local rank 0 of 2 sees 0,1", "rank 3: local rank 1 of 2 sees 0,1"})
      EXPECT_THAT(text, HasSubstr(rank)) << launcher;
  }
}

}  // namespace
}  // namespace retime

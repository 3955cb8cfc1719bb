// Chains of jobs and arrays of them.

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "core/temporary_folder.hpp"
#include "slurm/slurm_fixture.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;

// The number that submit.sh and `retime catalog submit` print in a line of its own.
std::string job_in(const std::string& output) {
  std::smatch match;
  return std::regex_search(output, match, std::regex("(^|\n)([0-9]+)\n")) ? match[2].str() : "0";
}

TEST_F(Slurm, AChainLeadsFromTheClipToTheVideoAndWaitsForARequeuedStage) {
  const auto folder = results("chain", false);
  std::ofstream(folder / "edit.json") << R"({"edits": [{"layer": "object_1", "offset": 4}]})";
  const auto submitted =
      script("pipeline.sh " + kRoomClip + " -o " + folder.string() + " --edit " + (folder / "edit.json").string() +
             " -c preview --prepare=--size=96x54 --prepare=--objects=2 --prepare=--last-frame=23 --train=--width=4 "
             "--train=--batch-frames=8 --train=--epochs=16 --train=--checkpoint-epochs=1");
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  ASSERT_TRUE(gets_beyond(folder, 0)) << submitted.output;
  cluster().run("scancel --signal=USR2 " + job_of("train", submitted.output));
  EXPECT_EQ(end_of(job_of("compose", submitted.output)), "COMPLETED") << submitted.output;
  EXPECT_EQ(value_of(job_of("train", submitted.output), "Restarts"), "1");
  EXPECT_EQ(newest(folder).epoch, 16);
  EXPECT_TRUE(fs::exists(folder / "retimed.mp4"));
}

TEST_F(Slurm, APipelineRefusesWhatEachRequeueWouldRepeat) {
  const auto folder = results("anew", false);
  const auto refused = script("pipeline.sh " + kRoomClip + " -o " + folder.string() + " --train=--resume=none");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output, HasSubstr("would apply again whenever the job is requeued"));
  const auto config = folder.parent_path() / "anew.cfg";
  std::ofstream(config) << "epochs = 3\nresume = none\n";
  const auto by_file = script("pipeline.sh " + kRoomClip + " -o " + folder.string() + " -c " + config.string());
  EXPECT_EQ(by_file.exit_code, 1);
  EXPECT_THAT(by_file.output, HasSubstr("anew.cfg would apply again"));
  EXPECT_FALSE(fs::exists(folder / "pipeline.conf"));
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

// A damaged clip among whole ones: its task fails alone, and is sent again alone when the clip is mended. The task that
// is stopped is the one whose number is that of the array.
TEST_F(Slurm, EachVideoOfACatalogIsStoppedAndFailsByItself) {
  const auto folder = results("catalog", false);
  const auto list = folder / "list.csv", damaged = folder / "damaged.mp4";
  fs::copy_file(kRoomClip, damaged);
  test::cut_in_half(damaged);
  std::ofstream(list) << "clip,name,objects,first-frame,last-frame,size,config,epochs,width,preview-epochs,"
                         "checkpoint-epochs\n"
                      << damaged.string() << ",torn,2,64,79,96x54,preview,1,4,0,1\n"
                      << kRoomClip << ",first,2,0,15,96x54,preview,24,4,0,1\n"
                      << kRoomClip << ",second,2,8,23,96x54,preview,24,4,0,1\n";
  const auto catalog = [&](const std::string& verb) {
    return cluster().run("env RETIME_SITE=" + site() + " " RETIME_PROGRAM " catalog " + verb + " " + list.string() +
                         " -o " + folder.string() + (verb == "submit" ? " --max-running 2" : ""));
  };
  const auto submitted = catalog("submit");
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  const auto job = job_in(submitted.output);
  EXPECT_THAT(catalog("submit").output, HasSubstr("nothing to submit"));
  ASSERT_TRUE(gets_beyond(folder / "second", 0)) << logs(folder);
  cluster().run("scancel --signal=USR2 " + job + "_2");
  end_of(job);
  for (const std::string task : {"_0", "_1", "_2"}) {
    EXPECT_EQ(value_of(job + task, "Restarts"), task == "_2" ? "1" : "0") << task;
    EXPECT_EQ(value_of(job + task, "JobState"), task == "_0" ? "FAILED" : "COMPLETED") << task;
  }
  for (const char* video : {"first", "second"}) {
    EXPECT_EQ(newest(folder / video).epoch, 24) << video;
    EXPECT_TRUE(fs::exists(folder / video / "summary.json")) << video;
  }
  const auto status = catalog("status");
  EXPECT_EQ(status.exit_code, 1) << status.output;
  EXPECT_THAT(status.output, HasSubstr("2 done, 1 failed"));

  fs::copy_file(kRoomClip, damaged, fs::copy_options::overwrite_existing);
  const auto again = catalog("submit");
  EXPECT_THAT(again.output, HasSubstr("1 of 3 videos submitted"));
  EXPECT_EQ(end_of(job_in(again.output)), "COMPLETED") << logs(folder);
  EXPECT_EQ(catalog("status").exit_code, 0);
}

TEST_F(Slurm, ScalingIsMeasuredByAnArray) {
  const auto folder = results("scaling", false);
  const auto submitted = script("submit.sh scaling " + folder.string() + " --array=0-1",
                                "RETIME_SCALING_OPTIONS='--mode strong --steps 2 --warmup 1 --width 4 --image-width 32 "
                                "--image-height 32 --batch-frames 2' RETIME_ALLREDUCE_OPTIONS='--width 4 --image-width "
                                "32 --image-height 32 --max-bytes 4096 --rounds 1 --iterations 2'");
  ASSERT_EQ(submitted.exit_code, 0) << submitted.output;
  EXPECT_EQ(end_of(job_in(submitted.output)), "COMPLETED");
  std::ostringstream table;
  table << std::ifstream(folder / "scaling.csv").rdbuf();
  EXPECT_EQ(std::count(table.view().begin(), table.view().end(), '\n'), 3) << table.view();  // heading, 1 and 2 ranks
  EXPECT_FALSE(fs::is_empty(folder / "allreduce"));
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
    EXPECT_EQ(end_of(job_in(submitted.output)), "COMPLETED");
    const auto text = logs(folder);
    for (const char* rank : {"rank 0: local rank 0 of 2 sees 0,1", "rank 1: local rank 1 of 2 sees 0,1",
                             "rank 2: local rank 0 of 2 sees 0,1", "rank 3: local rank 1 of 2 sees 0,1"})
      EXPECT_THAT(text, HasSubstr(rank)) << launcher;
  }
}

}  // namespace
}  // namespace retime

// Fits over two nodes that are stopped, killed, cut off or out of time, and end as if nothing had been.

#include <csignal>
#include <fstream>

#include "slurm/slurm_fixture.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// The process of one rank of a fit, on whichever node.
pid_t a_rank_of(const fs::path& results) {
  const auto found = run_shell("pgrep -n -f '^" RETIME_PROGRAM " train " + results.string() + "/'");
  return found.exit_code == 0 ? std::stoi(found.output) : 0;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(Slurm, RanksOnTwoNodesFitTogether) {
  EXPECT_EQ(undisturbed().epoch, 24);
  const auto text = logs(cluster().folder() / "undisturbed");
  EXPECT_THAT(text, HasSubstr("4 ranks on "));
  for (const char* rank : {"train.rank0.log", "train.rank1.log", "train.rank2.log", "train.rank3.log"})
    EXPECT_THAT(text, HasSubstr(rank));
  if (fs::exists(cluster().folder() / "slurm/run/sandbox.pid")) {  // Nodes have names of their own.
    EXPECT_THAT(text, HasSubstr("rank 0 on node1"));
    EXPECT_THAT(text, HasSubstr("rank 3 on node2"));
  }
}

TEST_F(Slurm, AStoppedFitIsRequeuedAndGoesOnExactly) {
  const auto folder = results("stopped");
  const auto job = submit_fit(folder);
  ASSERT_TRUE(gets_beyond(folder, 0));
  cluster().run("scancel --signal=USR2 " + job);
  EXPECT_EQ(end_of(job), "COMPLETED");
  EXPECT_EQ(value_of(job, "Restarts"), "1");
  EXPECT_THAT(logs(folder), HasSubstr("stopped by SIGUSR2"));
  expect_equal(newest(folder), undisturbed());
}

TEST_F(Slurm, MpirunPassesTheSignalOn) {
  const auto folder = results("mpirun");
  const auto job = submit_fit(folder, "", "TEST_LAUNCHER=mpirun");
  ASSERT_TRUE(gets_beyond(folder, 0));
  cluster().run("scancel --batch --signal=USR2 " + job);
  EXPECT_EQ(end_of(job), "COMPLETED");
  EXPECT_EQ(value_of(job, "Restarts"), "1");
  EXPECT_THAT(logs(folder), HasSubstr("stopped by SIGUSR2"));
  expect_equal(newest(folder), undisturbed());
}

// Slurm tells the ranks to end as well as mpirun and the batch script, which warns the ranks by SIGUSR2: they name
// whichever came last. Their steps are long enough here for mpirun to be the quicker one.
TEST_F(Slurm, ACancelledFitIsSavedUnderMpirun) {
  const auto folder = results("cancelled");
  const auto job = submit_fit(folder, "--train=--width=32 --train=--epochs=1000000 --train=--checkpoint-epochs=1000000",
                              "TEST_LAUNCHER=mpirun TEST_NODES=1");
  ASSERT_TRUE(comes_true([&] { return fs::exists(folder / "run/metrics.jsonl"); })) << logs(folder);
  cluster().run("scancel " + job);
  EXPECT_EQ(end_of(job), "CANCELLED");
  EXPECT_THAT(logs(folder), AnyOf(HasSubstr("stopped by SIGTERM"), HasSubstr("stopped by SIGUSR2")));
  EXPECT_GT(newest(folder).step, 0);
}

TEST_F(Slurm, AKilledRankCostsOnlyATry) {
  const auto folder = results("killed");
  const auto job = submit_fit(folder);
  ASSERT_TRUE(gets_beyond(folder, 0));
  const pid_t rank = a_rank_of(folder);
  ASSERT_GT(rank, 0);
  ::kill(rank, SIGKILL);
  EXPECT_EQ(end_of(job), "COMPLETED");
  EXPECT_EQ(value_of(job, "Restarts"), "0");
  EXPECT_THAT(logs(folder), HasSubstr("try 1 of train has ended without its result"));
  expect_equal(newest(folder), undisturbed());
}

TEST_F(Slurm, AKilledRankCostsOnlyATryBeforeTheFirstSaveToo) {
  const auto folder = results("killed_early");
  const auto job = submit_fit(folder, "--train=--checkpoint-epochs=1000");
  ASSERT_TRUE(comes_true([&] { return fs::exists(folder / "run/metrics.jsonl"); })) << logs(folder);
  const pid_t rank = a_rank_of(folder);
  ASSERT_GT(rank, 0);
  ::kill(rank, SIGKILL);
  EXPECT_EQ(end_of(job), "COMPLETED");
  EXPECT_THAT(logs(folder), HasSubstr("try 1 of train has ended without its result"));
  expect_equal(newest(folder), undisturbed());
}

TEST_F(Slurm, AnErrorOfTheProgramIsNotTriedAgain) {
  const auto folder = results("error");
  fs::resize_file(folder / "scene.h5", fs::file_size(folder / "scene.h5") / 2);
  const auto job = submit_fit(folder);
  EXPECT_EQ(end_of(job), "FAILED");
  const auto text = logs(folder);
  EXPECT_THAT(text, HasSubstr("try 1 of train has ended without its result"));
  EXPECT_THAT(text, Not(HasSubstr("try 2 of train")));
  EXPECT_EQ(value_of(job, "Restarts"), "0");
}

TEST_F(Slurm, AfterTheLossOfANodeOthersGoOnExactly) {
  const auto folder = results("lost");
  const auto job = submit_fit(folder);
  ASSERT_TRUE(gets_beyond(folder, 0));
  cluster().control("kill 2");
  EXPECT_EQ(end_of(job), "COMPLETED");
  EXPECT_EQ(value_of(job, "Restarts"), "1");
  EXPECT_EQ(value_of(job, "NodeList"), "node[1,3]");
  expect_equal(newest(folder), undisturbed());
  cluster().control("revive 2");
  EXPECT_TRUE(
      comes_true([] { return cluster().run("sinfo -h -N -t idle").output.find("node2") != std::string::npos; }));
}

// Slurm misses the node only later; the ranks notice within the time of silence, and the job goes on elsewhere.
TEST_F(Slurm, AfterACutOfTheNetworkOthersGoOnExactly) {
  const auto folder = results("cut");
  const auto job = submit_fit(folder, "--train=--rank-timeout=10");
  ASSERT_TRUE(gets_beyond(folder, 0));
  if (const auto cut = cluster().control("cut 2"); cut.exit_code != 0) {
    cluster().run("scancel " + job);
    GTEST_SKIP() << cut.output;
  }
  EXPECT_EQ(end_of(job), "COMPLETED");
  EXPECT_EQ(value_of(job, "NodeList"), "node[1,3]");
  EXPECT_THAT(logs(folder), HasSubstr("did not answer for 10 s"));
  expect_equal(newest(folder), undisturbed());
  cluster().control("join 2");
  EXPECT_TRUE(
      comes_true([] { return cluster().run("sinfo -h -N -t idle").output.find("node2") != std::string::npos; }));
}

TEST_F(Slurm, BeforeTheTimeLimitAFitIsSavedAndRequeued) {
  const auto folder = results("endless");
  const auto job = submit_fit(folder, "--train=--epochs=1000000", "TEST_TIME=2 TEST_WARNING=60");
  ASSERT_TRUE(comes_true([&] { return value_of(job, "Restarts") == "1"; })) << logs(folder);
  EXPECT_THAT(logs(folder), HasSubstr("stopped by SIGUSR2"));
  EXPECT_TRUE(gets_beyond(folder, newest(folder).step));

  // What a user cancels does not come back, though its ranks have saved and asked to be run again.
  cluster().run("scancel " + job);
  EXPECT_EQ(end_of(job), "CANCELLED");
  EXPECT_THAT(logs(folder), HasSubstr("does not requeue itself"));
}

TEST_F(Slurm, RestartsHaveALimit) {
  const auto folder = results("limited");
  const auto job = submit_fit(folder, "--train=--epochs=1000000", "TEST_MAX_RESTARTS=0");
  ASSERT_TRUE(gets_beyond(folder, 0));
  cluster().run("scancel --signal=USR2 " + job);
  EXPECT_EQ(end_of(job), "FAILED");
  EXPECT_EQ(value_of(job, "ExitCode"), "75:0");
  EXPECT_EQ(count_of(logs(folder), "started again 0 times already"), 1U);
}

}  // namespace
}  // namespace retime

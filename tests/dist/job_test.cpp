// How a job ends when a rank fails. Each test starts this program again under mpirun, with two ranks that run one of
// the DISABLED_ tests below.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "core/error.hpp"
#include "dist/gradient_reducer.hpp"
#include "dist/mpi_session.hpp"
#include "dist/process_group.hpp"
#include "dist/torch.hpp"

namespace retime {
namespace {

struct JobResult {
  int exit_code = -1;
  std::string output;
  double seconds = 0;
};

JobResult run_job(const std::string& scenario) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command =
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 timeout -k 5 200 "
      "mpirun --oversubscribe -n 2 " +
      program + " --gtest_also_run_disabled_tests --gtest_filter=JobOfTwo.DISABLED_" + scenario + " 2>&1";
  JobResult result;
  const auto begin = std::chrono::steady_clock::now();
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return result;
  char line[512];
  while (fgets(line, sizeof(line), pipe) != nullptr) result.output += line;
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

void expect_end(const std::string& scenario, int exit_code, const std::string& message) {
  const JobResult job = run_job(scenario);
  EXPECT_EQ(job.exit_code, exit_code) << job.output;
  EXPECT_NE(job.output.find(message), std::string::npos) << job.output;
  EXPECT_LT(job.seconds, 100);
}

/// What the program's main does: one sentence, then the end of all ranks.
template <class Body>
void like_main(const Body& body) {
  try {
    const MpiSession session;
    body(session.world());
  } catch (const Error& error) {
    std::fprintf(stderr, "main caught: %s\n", error.what());
    abort_job(error.exit_code());
  }
}

TEST(Job, AbortEndsEveryRankWithTheCode) { expect_end("AbortOfOneRank", 7, ""); }

TEST(JobOfTwo, DISABLED_AbortOfOneRank) {
  const MpiSession session;
  if (session.world().rank() == 1) abort_job(7);
  session.world().barrier();
  session.world().barrier();
}

TEST(Job, ErrorOfOneRankEndsAllWhileOthersWaitForIt) {
  expect_end("ErrorOfOneRank", kExitUsage, "main caught: rank 1 has bad data");
}

TEST(JobOfTwo, DISABLED_ErrorOfOneRank) {
  like_main([](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU);
    std::vector<torch::Tensor> tensors{torch::ones({100})};
    if (world.rank() == 1) {
      // An operation that rank 0 joins only later is under way when the error passes by.
      const auto work = group->barrier();
      throw UsageError("rank 1 has bad data");
    }
    std::this_thread::sleep_for(std::chrono::seconds(150));
    group->barrier()->wait();
    group->allreduce(tensors)->wait();
  });
}

TEST(Job, RankThatStaysAwayIsATimeoutForTheOthers) {
  expect_end("StaysAway", kExitFailure, "main caught: all-reduce of 100 Float values did not complete on rank 0");
}

TEST(JobOfTwo, DISABLED_StaysAway) {
  like_main([](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU, {.timeout = std::chrono::seconds(1)});
    std::vector<torch::Tensor> tensors{torch::ones({100})};
    if (world.rank() == 0) group->allreduce(tensors)->wait();
    world.barrier();
  });
}

TEST(Job, FailureInTheBackwardPassKeepsItsSentence) {
  expect_end("StaysAwayInBackward", kExitFailure, "main caught: all-reduce of 4 Float values did not complete");
}

TEST(JobOfTwo, DISABLED_StaysAwayInBackward) {
  like_main([](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU, {.timeout = std::chrono::seconds(2)});
    const auto x = torch::ones({4}, torch::requires_grad());
    GradientReducer reducer({x}, {"x"}, group);
    if (world.rank() == 0) reducer.backward(x.sum());
    world.barrier();
  });
}

}  // namespace
}  // namespace retime

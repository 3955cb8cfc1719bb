// How a job ends when a rank fails. Each test of JobOfTwo starts this program again under mpirun, with two ranks that
// run one of the DISABLED_ tests below.
#include "dist/watch/job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <sstream>
#include <thread>

#include "core/error.hpp"
#include "core/log.hpp"
#include "dist/gradient_reducer.hpp"
#include "dist/mpi/mpi_session.hpp"
#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

int run_alone(const std::function<int()>& work) {
  setup_logging("info", {0, 1});
  Watchdog watchdog{Communicator()};
  return run_job(Communicator(), watchdog, work);
}

TEST(Job, OneRankEndsWithTheCodeOfItsFailure) {
  EXPECT_EQ(run_alone([] { return 7; }), 7);
  EXPECT_EQ(run_alone([]() -> int { throw Error("bad data"); }), kExitFailure);
  EXPECT_EQ(run_alone([]() -> int { throw UsageError("bad option"); }), kExitUsage);
  EXPECT_EQ(run_alone([]() -> int { throw AgreedStop("saved"); }), kExitSaved);
  EXPECT_EQ(run_alone([]() -> int { throw AgreedError("bad option", kExitUsage); }), kExitUsage);
  EXPECT_EQ(run_alone([]() -> int { throw 5; }), kExitFailure);
}

TEST(Job, LibTorchSpeaksInOneSentence) {
  ::testing::internal::CaptureStderr();
  const auto fail = [] { TORCH_CHECK(false, "sizes differ"); };
  const auto run_out = [] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried"); };
  EXPECT_EQ(run_alone([&] { return fail(), kExitOk; }), kExitFailure);
  EXPECT_EQ(run_alone([&] { return run_out(), kExitOk; }), kExitFailure);
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, AllOf(HasSubstr("LibTorch failed (sizes differ): "), HasSubstr("out of memory (CUDA out of"),
                          HasSubstr("--batch-frames"), Not(HasSubstr("frame #")), Not(HasSubstr("Exception raised"))));
}

struct JobResult {
  int exit_code = -1;
  std::string output;
};

/// A job that does not end by then is ended, with the code 124 of `timeout`.
constexpr int kPatience_s = 200;

JobResult run_job_of_two(const std::string& scenario) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::ostringstream command;
  command << "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 timeout -k 5 "
          << kPatience_s << " mpirun --oversubscribe -n 2 " << program
          << " --gtest_also_run_disabled_tests --gtest_filter=JobOfTwo.DISABLED_" << scenario << " 2>&1";
  JobResult result;
  FILE* pipe = popen(command.str().c_str(), "r");
  if (pipe == nullptr) return result;
  char line[512];
  while (fgets(line, sizeof(line), pipe) != nullptr) result.output += line;
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

int count(const std::string& text, const std::string& part) {
  int times = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++times;
  return times;
}

/// The job ends with the code, and tells `sentence` once. Returns what was printed.
std::string expect_end(const std::string& scenario, int exit_code, const std::string& sentence) {
  const JobResult job = run_job_of_two(scenario);
  EXPECT_EQ(job.exit_code, exit_code) << job.output;
  EXPECT_EQ(count(job.output, sentence), 1) << job.output;
  return job.output;
}

/// What the program does with work for a rank.
void run_rank(const std::function<void(const Communicator&)>& body) {
  int code = kExitOk;
  {
    const MpiSession session;
    setup_logging("info", {session.world().rank(), session.world().size()});
    Watchdog watchdog(session.world(), 20);
    code = run_job(session.world(), watchdog, [&] {
      body(session.world());
      return kExitOk;
    });
  }
  std::exit(code);
}

TEST(JobOfTwo, AbortEndsEveryRankWithTheCode) { EXPECT_EQ(run_job_of_two("AbortOfOneRank").exit_code, 7); }

TEST(JobOfTwo, DISABLED_AbortOfOneRank) {
  const MpiSession session;
  if (session.world().rank() == 1) abort_job(7);
  session.world().barrier();
  session.world().barrier();
}

TEST(JobOfTwo, ErrorOfOneRankEndsAllWhileOthersWaitForIt) {
  const auto output = expect_end("ErrorOfOneRank", kExitUsage, "rank 1 has bad data [rank 1, host ");
  EXPECT_THAT(output, Not(HasSubstr("without a word")));
}

TEST(JobOfTwo, DISABLED_ErrorOfOneRank) {
  run_rank([](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU);
    std::vector<torch::Tensor> tensors{torch::ones({100})};
    if (world.rank() == 1) {
      // An operation that rank 0 joins only later is under way when the error passes by.
      const auto work = group->barrier();
      throw UsageError("rank 1 has bad data");
    }
    std::this_thread::sleep_for(std::chrono::seconds(2 * kPatience_s));  // Only its end by another ends it.
    group->barrier()->wait();
    group->allreduce(tensors)->wait();
  });
}

TEST(JobOfTwo, RankZeroIsNoException) {
  expect_end("StopOfRankZero", kExitFailure, "stopped by itself [rank 0, host ");
}

/// A stop that nobody agreed on does not pass for one that is saved everywhere.
TEST(JobOfTwo, DISABLED_StopOfRankZero) {
  run_rank([](const Communicator& world) {
    if (world.is_root()) throw Stopped("stopped by itself");
    world.barrier();
  });
}

TEST(JobOfTwo, WhatAllRanksThrowOneTells) { expect_end("AllThrow", kExitUsage, "all have bad data"); }

TEST(JobOfTwo, DISABLED_AllThrow) {
  run_rank([](const Communicator&) { throw UsageError("all have bad data"); });
}

TEST(JobOfTwo, WhatIsAgreedUponEndsInPeace) {
  const auto output = expect_end("Agreed", kExitSaved, "all is saved");
  EXPECT_THAT(output, AllOf(Not(HasSubstr("MPI_ABORT")), Not(HasSubstr("rank 1"))));
}

TEST(JobOfTwo, DISABLED_Agreed) {
  run_rank([](const Communicator& world) {
    try {
      run_on_root(world, [] { throw UsageError("rank 0 has bad data"); });
    } catch (const AgreedError&) {
      throw AgreedStop("all is saved");
    }
  });
}

TEST(JobOfTwo, RankThatStaysAwayIsATimeoutForTheOthers) {
  expect_end("StaysAway", kExitFailure, "all-reduce of 100 Float values did not complete on rank 0");
}

TEST(JobOfTwo, DISABLED_StaysAway) {
  run_rank([](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU, {.timeout = std::chrono::seconds(1)});
    std::vector<torch::Tensor> tensors{torch::ones({100})};
    if (world.rank() == 0) group->allreduce(tensors)->wait();
    world.barrier();
  });
}

TEST(JobOfTwo, FailureInTheBackwardPassKeepsItsSentence) {
  expect_end("StaysAwayInBackward", kExitFailure, "all-reduce of 4 Float values did not complete");
}

TEST(JobOfTwo, DISABLED_StaysAwayInBackward) {
  run_rank([](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU, {.timeout = std::chrono::seconds(2)});
    const auto x = torch::ones({4}, torch::requires_grad());
    GradientReducer reducer({x}, {"x"}, group);
    if (world.rank() == 0) reducer.backward(x.sum());
    world.barrier();
  });
}

TEST(JobOfTwo, ASuspendedJobGoesOn) { expect_end("Suspended", kExitOk, "the sum is 3"); }

/// A process that stops this one for four seconds when it is told to.
class Suspender {
 public:
  Suspender() {
    if (::pipe(pipe_) != 0) std::abort();
    if (::fork() != 0) return;
    ::close(pipe_[1]);
    char word = 0;
    if (::read(pipe_[0], &word, 1) == 1) {
      ::kill(::getppid(), SIGSTOP);
      ::sleep(4);
      ::kill(::getppid(), SIGCONT);
    }
    ::_exit(0);
  }
  void suspend() const {
    if (::write(pipe_[1], "x", 1) != 1) std::abort();
  }

 private:
  int pipe_[2]{};
};

TEST(JobOfTwo, DISABLED_Suspended) {
  const Suspender suspender;  // before MPI, which does not like forks
  run_rank([&](const Communicator& world) {
    const auto group = make_process_group(world, c10::kCPU, {.timeout = std::chrono::seconds(2)});
    std::vector<torch::Tensor> tensors{torch::full({1}, world.rank() + 1)};
    world.barrier();
    c10::intrusive_ptr<c10d::Work> work;
    if (world.rank() == 0) work = group->allreduce(tensors);
    suspender.suspend();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    if (world.rank() == 1) work = group->allreduce(tensors);
    work->wait();
    if (world.is_root()) std::printf("the sum is %d\n", static_cast<int>(tensors[0].item<double>()));
  });
}

}  // namespace
}  // namespace retime

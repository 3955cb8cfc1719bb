// What becomes of a job of several ranks when one of them fails, differs or is asked to stop, through the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "format/checkpoint.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFit =
    " -c preview --width 4 --batch-frames 4 --checkpoint-epochs 1 --preview-epochs 0 --epochs ";
/// A job that hangs is ended by `timeout`, whose exit code tells it from one that ended by itself.
/// mpirun leaves ranks the time to tell what happened to another one.
constexpr const char* kMpirun =
    "OMPI_MCA_odls_base_sigkill_timeout=2 OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1 timeout -k 5 "
    "150 " RETIME_MPIEXEC " --oversubscribe --allow-run-as-root";
constexpr int kHung = 124;

class Faults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = test::fresh_folder("faults");
    const auto result = run_retime("prepare " + kRoomClip + " -o " + path("scene.h5") +
                                   " --size 96x54 --objects 2 --first-frame 0 --last-frame 40");
    ASSERT_EQ(result.exit_code, 0) << result.output;
    const auto fitted = run_retime("train " + path("scene.h5") + " -o " + path("fit") + kFit + "1");
    ASSERT_EQ(fitted.exit_code, 0) << fitted.output;
  }
  static void TearDownTestSuite() { test::clear_up(folder_); }

  static std::string path(const std::string& name) { return (folder_ / name).string(); }
  static std::string train(const std::string& run, const std::string& more = "", int epochs = 100000) {
    return "train " + path("scene.h5") + " -o " + path(run) + kFit + std::to_string(epochs) + " --rank-timeout 10" +
           more;
  }
  static std::string render(const std::string& layers) {
    return "render " + path("fit") + " -o " + path(layers) + " --block-frames 4 --rank-timeout 10";
  }
  /// Two ranks, the second of them with a fault, other options or another environment.
  static ProgramResult run_pair(const std::string& first, const std::string& second, const std::string& fault = "",
                                const std::string& environment = "") {
    return run_shell(std::string(kMpirun) + " -n 1 " RETIME_PROGRAM " " + first + " : -n 1 env RETIME_FAULT_POINT='" +
                     fault + "' " + environment + " " RETIME_PROGRAM " " + second);
  }
  static ProgramResult run_with_fault(const std::string& arguments, const std::string& fault) {
    return run_pair(arguments, arguments, fault);
  }
  /// A shell command that prints the processes of this program that fit `run`, and fails when there are none.
  static std::string processes_of(const std::string& run) {
    return "pgrep -f '^" RETIME_PROGRAM " train .* -o " + path(run) + " '";
  }
  static void expect_end(const ProgramResult& result, const std::string& sentence) {
    EXPECT_NE(result.exit_code, 0) << result.output;
    EXPECT_NE(result.exit_code, kHung) << result.output;
    EXPECT_THAT(result.output, ContainsRegex(sentence));
    EXPECT_THAT(result.output, Not(HasSubstr("terminate called")));
  }

  static inline fs::path folder_;
};

TEST_F(Faults, StartTellsWhatTheJobRunsOnOnce) {
  const auto arguments = train("start", " --max-seconds 0.01");
  const auto result = run_pair(arguments, arguments);
  EXPECT_EQ(result.exit_code, 75) << result.output;
  EXPECT_THAT(result.output, AllOf(ContainsRegex("2 ranks on 1 node; sums over ranks by Open MPI .*; NCCL compiled "
                                                 "[0-9.]+, loaded [0-9.]+; build [0-9a-f]+"),
                                   ContainsRegex("rank 0 on .*: CPU, 1 threads; frames 0 to "),
                                   ContainsRegex("rank 1 on .*: CPU, 1 threads; frames [0-9]+ to 40"),
                                   HasSubstr("global batch of 4 frames")));
  EXPECT_EQ(result.output.find("ranks on 1 node"), result.output.rfind("ranks on 1 node"));
}

TEST_F(Faults, KilledRankIsNamed) {
  expect_end(run_with_fault(train("killed"), "kill:training step 40"),
             "rank 1 .host .*, in the phase (training step [0-9]+|saving). has ended without a word");
}

TEST_F(Faults, StoppedRankIsNamed) {
  expect_end(run_with_fault(train("stopped"), "stop:training step 40"),
             "rank 1 .host .*, in the phase (training step [0-9]+|saving). did not answer for 10 s");
}

TEST_F(Faults, StoppedRankZeroIsNamedByAnother) {
  const auto arguments = train("stopped_root");
  const auto result = run_shell(std::string(kMpirun) + " -n 1 env RETIME_FAULT_POINT='stop:training step 40' " +
                                RETIME_PROGRAM " " + arguments + " : -n 1 " RETIME_PROGRAM " " + arguments);
  expect_end(result, "rank 0 .host .*, in the phase (training step [0-9]+|saving). did not answer for 10 s");
}

TEST_F(Faults, HangingRankIsNamed) {
  expect_end(run_with_fault(train("hanging"), "hang:training step 3"),
             "no rank made progress for 10 s: look at rank 1 .host .*, in the phase training step 3., which keeps");
}

TEST_F(Faults, ThrowingRankTellsAlone) {
  const auto result = run_with_fault(train("throwing"), "throw:training step 3");
  expect_end(result, "RETIME_FAULT_POINT asks for a failure.*rank 1, host .*, in the phase training step 3");
  EXPECT_THAT(result.output, Not(HasSubstr("has ended without a word")));
}

TEST_F(Faults, ThrowingRankZeroTellsAlone) {
  const auto arguments = train("throwing_root");
  const auto result = run_shell(std::string(kMpirun) + " -n 1 env RETIME_FAULT_POINT='throw:training step 3' " +
                                RETIME_PROGRAM " " + arguments + " : -n 1 " RETIME_PROGRAM " " + arguments);
  expect_end(result, "RETIME_FAULT_POINT asks for a failure.*rank 0, host .*, in the phase training step 3");
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("has ended without a word")));
}

TEST_F(Faults, RenderingRanksAreWatchedToo) {
  expect_end(run_with_fault(render("thrown.h5"), "throw:rendering frame 6"),
             "rank 1, .*in the phase rendering frame 6");
  expect_end(run_with_fault(render("killed.h5"), "kill:rendering frame 6"),
             "rank 1 .host .*, in the phase .*. has ended");
}

TEST_F(Faults, NothingIsLeftWhenTheLauncherIsKilled) {
  const std::string metrics = path("orphans/metrics.jsonl"), ranks = processes_of("orphans");
  const auto result = run_shell("OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1 " RETIME_MPIEXEC
                                " --oversubscribe --allow-run-as-root -n 2 " RETIME_PROGRAM " " +
                                train("orphans") + " & launcher=$!; " + until("test -s " + metrics) +
                                "kill -9 $launcher; " + until("! " + ranks) + ranks + " || echo none are left");
  EXPECT_TRUE(fs::exists(metrics)) << result.output;
  EXPECT_THAT(result.output, HasSubstr("none are left"));
}

TEST_F(Faults, RanksWithDifferentOptionsAreRefused) {
  const auto result = run_pair(train("options"), train("options", " --seed 9"));
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output,
              ContainsRegex("the configuration differs between ranks .rank 1 on host .* has 'seed = 9', rank 0 has "
                            "'seed = 1'"));
  EXPECT_EQ(run_pair(train("options"), train("options", " --sead 9")).exit_code, 2);
  EXPECT_THAT(run_pair(train("options"), render("options.h5")).output, HasSubstr("the command differs"));
}

TEST_F(Faults, RanksWithDifferentBuildsAreRefused) {
  // Another build id: that of the note "GNU" of 20 bytes.
  std::ifstream in(RETIME_PROGRAM "-compute", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string note("\4\0\0\0\24\0\0\0\3\0\0\0GNU\0", 16);
  const auto place = bytes.find(note);
  ASSERT_NE(place, std::string::npos);
  bytes[place + note.size()] ^= 1;
  fs::create_directory(path("other"));
  std::ofstream(path("other/retime-compute"), std::ios::binary) << bytes;
  fs::permissions(path("other/retime-compute"), fs::perms::owner_all);
  const auto result = run_pair(train("builds"), train("builds"), "", "RETIME_LIBEXEC=" + path("other"));
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output, ContainsRegex("the build differs between ranks .rank 1 on host"));
}

TEST_F(Faults, SeparateWorldsAreRefusedOnce) {
  const std::string start = "SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=";
  const auto first = run_retime(train("worlds"), start + "0"), second = run_retime(train("worlds"), start + "1");
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(first.output, HasSubstr("the launcher started 2 processes but MPI sees one rank"));
  EXPECT_EQ(second.output, "");
}

TEST_F(Faults, SignalsDuringTheSaveAreHarmless) {
  // Signals come from the first epoch on, until the program has ended.
  const auto result = run_shell("(" RETIME_PROGRAM " " + train("signals") + "; echo code $?) & " +
                                until("test -s " + path("signals/metrics.jsonl")) + "while pid=$(" +
                                processes_of("signals") + "); do kill -USR2 $pid; kill -TERM $pid; done; wait");
  EXPECT_THAT(result.output, HasSubstr("code 75"));
  Checkpoint checkpoint;
  EXPECT_TRUE(CheckpointFolder(path("signals")).read_newest(checkpoint));
}

TEST_F(Faults, EndOfTheSlurmJobIsATimeLimit) {
  const auto in = [](int seconds) {
    return "SLURM_JOB_END_TIME=" + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                                                      std::chrono::system_clock::now().time_since_epoch())
                                                      .count() +
                                                  seconds);
  };
  const auto result = run_retime(train("job_end", " --job-end-margin 100"), in(103));
  EXPECT_EQ(result.exit_code, 75) << result.output;
  EXPECT_THAT(result.output, HasSubstr("stopped by the time limit"));
  EXPECT_EQ(run_retime(render("late.h5"), in(30)).exit_code, 75);
  EXPECT_EQ(run_retime(render("late.h5")).exit_code, 0);
}

TEST_F(Faults, NonfiniteStepIsSkippedAndTheFitGoesOn) {
  const auto result = run_with_fault(train("skipped", "", 2), "nan:training step 3");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, ContainsRegex("training step 3 is left out: .*frames [0-9, ]+; 1 of at most 5 in a row"));
}

TEST_F(Faults, FitThatStaysNonfiniteEndsWithTheFramesNamed) {
  const auto arguments = train("diverged", " --learning-rate 1e30 --skip-nonfinite 2", 3);
  const auto result = run_pair(arguments, arguments);
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output,
              ContainsRegex("not finite 3 times in a row, last in training step [0-9]+ .frames [0-9, ]+"));
  EXPECT_THAT(result.output, Not(HasSubstr("MPI_ABORT")));
}

}  // namespace
}  // namespace retime

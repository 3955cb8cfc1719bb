// What rank 0 does for all fails there: every rank ends soon, with that sentence once and the right code.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "core/files.hpp"
#include "e2e/program.hpp"
#include "media/picture.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kFit = " -c preview --width 4 --batch-frames 4 --checkpoint-epochs 1 --preview-epochs 0 ";
constexpr const char* kAsked = "RETIME_FAULT_POINT asks for a failure";
/// A folder in which not even the superuser can make anything.
constexpr const char* kUnwritable = "/proc/retime";
constexpr double kSoon_s = 60;

int count(const std::string& text, const std::string& part) {
  int times = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++times;
  return times;
}

class Root : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("retime_root_" + std::to_string(::getpid()));
    make_folder(folder_);
    const auto result = run_retime(prepare("scene.h5"));
    ASSERT_EQ(result.exit_code, 0) << result.output;
    const auto fitted = run_retime(train("fit", "--epochs 1"));
    ASSERT_EQ(fitted.exit_code, 0) << fitted.output;
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static std::string path(const std::string& name) { return (folder_ / name).string(); }
  static std::string prepare(const std::string& scene, int last_frame = 20) {
    return "prepare " + kRoomClip + " -o " + path(scene) + " --size 96x54 --objects 2 --first-frame 0 --last-frame " +
           std::to_string(last_frame);
  }
  static std::string train(const std::string& run, const std::string& more) {
    return "train " + path("scene.h5") + " -o " + path(run) + kFit + more;
  }
  static ProgramResult run_pair(const std::string& arguments, const std::string& environment = "") {
    return run_shell("OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1 " + environment +
                     " timeout -k 5 150 " RETIME_MPIEXEC " -n 2 --oversubscribe --allow-run-as-root " RETIME_PROGRAM
                     " " +
                     arguments + " --rank-timeout 120");
  }
  /// A file whose name contains `file` cannot be saved.
  static std::string unsavable(const std::string& file) {
    return "RETIME_FAULT_POINT=throw:save.closed RETIME_FAULT_FILE=" + file;
  }
  static std::string errors_of(const std::string& output) {
    std::istringstream lines(output);
    std::string errors;
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("error")) errors += line + "\n";
    return errors;
  }
  static std::string expect_end(const std::string& arguments, const std::string& environment,
                                const std::string& sentence, int exit_code = 1) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = run_pair(arguments, environment);
    EXPECT_EQ(result.exit_code, exit_code) << arguments << "\n" << result.output;
    EXPECT_EQ(count(errors_of(result.output), sentence), 1) << arguments << "\n" << result.output;
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), kSoon_s) << arguments;
    EXPECT_THAT(result.output, Not(HasSubstr("terminate called")));
    return result.output;
  }
  /// The ranks agree on the failure: none has to end another.
  static void expect_peace(const std::string& arguments, const std::string& environment, const std::string& sentence,
                           int exit_code = 1) {
    EXPECT_THAT(expect_end(arguments, environment, sentence, exit_code), Not(HasSubstr("MPI_ABORT")));
  }

  static inline fs::path folder_;
};

TEST_F(Root, Prepares) {
  expect_peace(prepare("cut.h5"), unsavable("cut.h5"), kAsked);
  fs::create_directories(folder_ / "taken/by/another");
  expect_peace("synth -o " + path("taken"), "", "was not made by retime synth");
}

TEST_F(Root, RunsTheStepsBeforeTheFit) {
  Image mask({192, 108}, 1);
  std::fill(mask.pixels.begin(), mask.pixels.begin() + 2000, std::uint8_t{255});
  make_folder(folder_ / "masks/her");
  for (int t = 0; t < 3; ++t) write_png(folder_ / "masks/her" / ("00000" + std::to_string(t) + ".png"), mask);
  make_folder(folder_ / "frames");
  for (int t = 0; t < 3; ++t)
    write_png(folder_ / "frames" / ("00000" + std::to_string(t) + ".png"), Image({192, 108}, 3));
  const std::string run = "run " + path("frames") + " -o ";
  expect_peace(run + path("out") + " --masks " + path("masks") + " --group nobody", "", "nobody", 2);
  expect_peace(run + kUnwritable, "", "cannot create the folder");
  expect_peace(run + path("out") + " --crf 99", "", "crf 99 is not in 0..51", 2);
}

TEST_F(Root, OpensTheFit) {
  expect_peace("train " + path("scene.h5") + " -o " + kUnwritable + kFit, "", "cannot create the folder");
  expect_peace(train("opened", "--epochs 1"), unsavable("run.json"), kAsked);
  fs::copy(path("fit"), path("damaged"), fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(path("damaged/checkpoints")))
    std::ofstream(entry.path()) << "nothing";
  expect_peace(train("damaged", "--epochs 1"), "", "can be used (see the warnings)");
}

TEST_F(Root, SavesTheFit) {
  expect_peace(train("saved", "--epochs 1"), unsavable("step_"), kAsked);
  expect_end(train("saved_on", "--epochs 3"), unsavable("step_"), kAsked);
  expect_peace(train("stopped", "--epochs 100000 --max-seconds 0.5"), unsavable("step_"),
               "the last checkpoint is not saved");
  expect_peace(train("noted", "--epochs 1"), "RETIME_FAULT_POINT=throw:fitted", kAsked);
}

TEST_F(Root, GoesOnWithoutASaveInTheMiddle) {
  make_folder(path("bare"));
  std::ofstream(path("bare/previews")) << "a file where the folder should be";
  fs::create_symlink("/proc/retime/metrics", path("bare/metrics.jsonl"));
  // Six steps of four frames make an epoch of 21.
  const auto result = run_pair(train("bare", "--epochs 3 --preview-epochs 2"), unsavable("step_000000012"));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  for (const char* warning :
       {"a checkpoint is not saved, those before it are", "a preview is missing", "metrics wait to be written"})
    EXPECT_EQ(count(result.output, warning), 1) << warning << "\n" << result.output;
  EXPECT_FALSE(fs::exists(path("bare/checkpoints/step_000000012.h5")));
  EXPECT_TRUE(fs::exists(path("bare/checkpoints/step_000000018.h5")));
}

TEST_F(Root, TakesUpTheUpsamplingNetwork) {
  expect_peace(train("upsampled", "--epochs 1 --upsample-epochs 1 --upsample-width 4 --upsample-crop 32"),
               unsavable("metrics.jsonl"), kAsked);
}

TEST_F(Root, MakesTheVideosOfARun) {
  const std::string run = "run " + kRoomClip + " -o " + path("whole") + " --size 96x54 --objects 2 --first-frame 0" +
                          " --last-frame 20 --epochs 1 --preset ultrafast" + kFit;
  ASSERT_TRUE(succeeds(run_pair(run)));
  expect_peace(run, unsavable("summary.json"), kAsked);
  fs::remove(path("whole/overview.png"));
  fs::create_directories(path("whole/overview.png/taken"));
  expect_peace(run, "", "cannot write the picture");
}

TEST_F(Root, Renders) {
  const std::string render = "render " + path("fit") + " -o " + path("index.h5");
  expect_peace(render, unsavable("index.h5"), kAsked);
  ASSERT_EQ(run_retime(prepare("other.h5", 15)).exit_code, 0);
  expect_peace(render + " --scene " + path("other.h5"), "", "was fitted to another scene");
}

TEST_F(Root, MakesBaselinesAndMeasures) {
  expect_peace("baseline " + path("scene.h5") + " -o " + path("cutouts.h5"), unsavable("cutouts.h5"), kAsked);
  const std::string bench = " --width 4 --image-width 32 --image-height 32 --batch-frames 2 --steps 1 --warmup 1 -o ";
  expect_peace("bench scaling --mode strong" + bench + path("bench"), unsavable("scaling"), kAsked);
  expect_peace("bench scaling --mode strong" + bench + kUnwritable, "", "cannot create the folder");
  const std::string strong =
      "bench scaling --mode strong --steps 1 --warmup 0 -o " + path("bench") + " --batch-frames ";
  expect_peace(strong + "1", "", "cannot be shared by 2 ranks", 2);
  expect_peace(strong + "64 --scene " + path("scene.h5"), "", "fewer than a step takes");
  expect_peace(strong + "2 --scene " + path("none.h5"), "", "none.h5");
  expect_peace(std::string("bench --checkpoint-folder ") + kUnwritable +
                   " --width 4 --image-width 32 --image-height 32 --layers 1 --repeats 1",
               "", "cannot create the folder");
  write_text_file(path("full"), "");
  expect_peace("baseline " + path("scene.h5") + " --method nonlayered -o " + path("full"), "", "holds something");
}

TEST_F(Root, TrainsTheNetworkOfBodyMaps) {
  const std::string train = "uv train --uv-size 32 --uv-width 4 --pairs 8 --batch-frames 8 --epochs 1 -o ";
  expect_peace(train + kUnwritable, "", "cannot create the folder");
  expect_peace(train + path("uv"), unsavable("network.h5"), kAsked);
  expect_peace("uv score " + path("none.h5"), "", "none.h5");
}

TEST_F(Root, MeasuresSumsOverRanks) {
  const std::string bench =
      "bench allreduce --width 4 --image-width 32 --image-height 32 --rounds 1 --iterations 1"
      " --max-bytes 1 -o ";
  expect_peace(bench + kUnwritable, "", "cannot create the folder");
  expect_peace(bench + path("sums"), unsavable("_2ranks_"), kAsked);
}

TEST_F(Root, ReportsAndProjects) {
  const std::string scaling = "bench scaling -o ", results = path("results");
  expect_peace(scaling + path("nothing") + " --report", "", "no measurements in");
  expect_peace(scaling + results + " --launch 2", "", "call it without mpirun", 2);
  const std::string tiny =
      " --mode weak --width 4 --image-width 32 --image-height 32 --frames-per-rank 1 --steps 1"
      " --warmup 0";
  ASSERT_TRUE(succeeds(run_pair(scaling + results + tiny)));
  expect_peace(scaling + results + " --report", unsavable("scaling.md"), kAsked);
  expect_peace(scaling + results + " --project", "", "a projection needs the speed of all-reduces");
  expect_peace(scaling + results + " --project --bandwidth 10 --latency 5", unsavable("projection.md"), kAsked);
  write_text_file(results + "/runs/other.csv", "mode,ranks\nstrong,many\n");
  for (const char* what : {" --report", " --project"}) expect_peace(scaling + results + what, "", "other.csv");
}

TEST_F(Root, TellsWhatAFileHolds) { expect_peace("info " + path("none.h5"), "", "none.h5"); }

}  // namespace
}  // namespace retime

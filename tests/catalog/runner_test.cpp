#include "catalog/runner.hpp"

#include <gmock/gmock.h>

#include <csignal>

#include "catalog/catalog_fixture.hpp"
#include "catalog/status_table.hpp"
#include "core/log.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The program is a script that does what the clip is called; the real one is tested from the outside.
class CatalogRunner : public CatalogFixture {
 protected:
  void SetUp() override {
    setup_logging("off");
    const auto file = folder_ / "program";
    test::write_bytes(file, R"(#!/bin/sh
name=$(basename "$2" .mp4) out=${3#--output=}
echo "$name $*" >> ")" + folder_.path().string() +
                                R"(/calls"
case $name in
  fail*) echo "info one"; echo "error cannot do it (why): do that" >&2; echo "info two"; exit 1;;
  crash*) kill -SEGV $$;;
  memory*) kill -KILL $$;;
  quiet*) exit 3;;
  full*) rm "$out/status.json"; mkdir -p "$out/status.json/in the way"; echo "error no space left"; exit 1;;
  save*) echo saved; exit 75;;
  wait*) trap 'echo saved; exit 75' USR2 TERM; echo ready; while :; do sleep 0.05; done;;
  hang*) trap '' TERM; while :; do sleep 0.05; done;;
esac
echo picture > "$out/overview.png"
)");
    fs::permissions(file, fs::perms::owner_all);
    options_.worker.program = file;
  }
  void TearDown() override { setup_logging("info"); }

  bool run(const Catalog& catalog) {
    std::vector<int> entries;
    for (const auto& entry : catalog.entries) entries.push_back(entry.index);
    return Runner(catalog, out_, options_).run(entries);
  }
  VideoStatus status_of(const Catalog& catalog, const std::string& name) {
    return VideoFolder(out_, catalog.find(name)).look();
  }
  std::string calls() { return test::read_bytes(folder_ / "calls"); }

  RunnerOptions options_;
};

TEST_F(CatalogRunner, WhyAVideoFailedIsToldEvenWhereItCannotBeNoted) {
  const auto catalog = list_of({"full", "good"});
  setup_logging("info");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(run(catalog));
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("full: failed after"));
  EXPECT_THAT(text, HasSubstr("no space left"));
  EXPECT_THAT(text, HasSubstr("status.json"));
  EXPECT_EQ(status_of(catalog, "good").state, VideoState::kDone);
}

TEST_F(CatalogRunner, NoVideoStopsTheOthers) {
  auto catalog = list_of({"fail", "crash", "memory", "quiet", "missing", "good", "blocked", "last"});
  fs::remove(folder_ / "missing.mp4");
  fs::create_directories(out_);
  test::write_bytes(out_ / "blocked", "a file where the folder should be");
  EXPECT_TRUE(run(catalog));
  EXPECT_EQ(status_of(catalog, "good").state, VideoState::kDone);
  EXPECT_EQ(status_of(catalog, "last").state, VideoState::kDone);
  for (const auto& [name, sentence] :
       std::vector<std::pair<std::string, std::string>>{{"fail", "cannot do it (why): do that"},
                                                        {"crash", "crashed (signal 11"},
                                                        {"memory", "memory ran out"},
                                                        {"quiet", "exit code 3"},
                                                        {"missing", "list.csv line 6: cannot open"}}) {
    EXPECT_EQ(status_of(catalog, name).state, VideoState::kFailed) << name;
    EXPECT_THAT(status_of(catalog, name).note, HasSubstr(sentence));
  }
  EXPECT_EQ(status_of(catalog, "blocked").state, VideoState::kWaiting);
  EXPECT_EQ(status_exit_code(look_at(catalog, out_, AskSlurm::kNo)), kExitUnfinished);
}

TEST_F(CatalogRunner, ASecondRunDoesNothing) {
  const auto catalog = list_of({"good", "fail"});
  run(catalog);
  const auto first = calls();
  run(catalog);
  EXPECT_EQ(calls(), first);
  options_.with_failed = true;
  run(catalog);
  EXPECT_EQ(status_of(catalog, "fail").attempts, 2);
  EXPECT_EQ(status_of(catalog, "good").attempts, 1);
}

TEST_F(CatalogRunner, OptionsReachTheProgramAsTheyAre) {
  test::write_bytes(folder_ / "a b.mp4", "x");
  test::write_bytes(folder_ / "list.csv", "clip,epochs\na b.mp4,\"-1, 'two' $HOME\"\n");
  const auto catalog = read_catalog(folder_ / "list.csv", {"epochs"});
  run(catalog);
  EXPECT_EQ(calls(), "a b run " + (folder_ / "a b.mp4").string() + " --output=" + (out_ / "a b").string() +
                         " --epochs=-1, 'two' $HOME\n");
}

TEST_F(CatalogRunner, SavedVideosAreInterruptedAndGoOn) {
  const auto catalog = list_of({"save", "good"});
  EXPECT_TRUE(run(catalog)) << "nobody asked the catalog to stop";
  EXPECT_EQ(status_of(catalog, "save").state, VideoState::kInterrupted);
  EXPECT_EQ(status_of(catalog, "good").state, VideoState::kDone);
  run(catalog);
  EXPECT_EQ(status_of(catalog, "save").attempts, 2);
}

TEST_F(CatalogRunner, SignalsArePassedOnAndNothingElseIsStarted) {
  const auto catalog = list_of({"wait1", "wait2", "late"});
  options_.jobs = 2;
  Runner runner(catalog, out_, options_);  // Holds signals back, in the threads to come too.
  std::thread sender([&] {
    const bool ready = comes_true([&] {
      return test::read_bytes(out_ / "wait1/log.txt").find("ready") != std::string::npos &&
             test::read_bytes(out_ / "wait2/log.txt").find("ready") != std::string::npos;
    });
    EXPECT_TRUE(ready);
    EXPECT_EQ(status_of(catalog, "wait1").state, VideoState::kRunning);
    ::kill(::getpid(), SIGUSR2);
  });
  const bool came_to_end = runner.run({0, 1, 2});
  sender.join();
  EXPECT_FALSE(came_to_end);
  for (const char* name : {"wait1", "wait2"}) {
    EXPECT_EQ(status_of(catalog, name).state, VideoState::kInterrupted);
    EXPECT_THAT(test::read_bytes(out_ / name / "log.txt"), HasSubstr("saved"));
  }
  EXPECT_EQ(status_of(catalog, "late").state, VideoState::kWaiting);
}

TEST_F(CatalogRunner, AVideoThatHangsIsEnded) {
  const auto catalog = list_of({"hang", "good"});
  options_.worker.stall_s = 2;
  options_.worker.grace_s = 0.1;
  EXPECT_TRUE(run(catalog));
  EXPECT_EQ(status_of(catalog, "hang").state, VideoState::kFailed);
  EXPECT_THAT(status_of(catalog, "hang").note, HasSubstr("no sign of life for 2 s and was ended"));
  EXPECT_EQ(status_of(catalog, "good").state, VideoState::kDone);
}

TEST_F(CatalogRunner, AVideoThatIsOnlySlowLosesNothing) {
  const auto catalog = list_of({"wait"});
  options_.worker.stall_s = 2;
  EXPECT_TRUE(run(catalog));
  EXPECT_EQ(status_of(catalog, "wait").state, VideoState::kInterrupted);
  EXPECT_THAT(status_of(catalog, "wait").note, HasSubstr("everything is saved, or allow more"));
}

TEST_F(CatalogRunner, VideosThatOthersHoldAreLeftToThem) {
  const auto catalog = list_of({"good", "other"});
  fs::create_directories(out_ / "good");
  const FolderLock lock(out_ / "good");
  EXPECT_TRUE(run(catalog));
  EXPECT_EQ(status_of(catalog, "good").state, VideoState::kWaiting);
  EXPECT_EQ(status_of(catalog, "other").state, VideoState::kDone);
}

TEST_F(CatalogRunner, JobsShareGpusAndCores) {
  const auto file = folder_ / "program";
  test::write_bytes(
      file,
      "#!/bin/sh\necho gpu $CUDA_VISIBLE_DEVICES threads $OMP_NUM_THREADS and $RETIME_THREADS.\nsleep 0.3\n"
      "echo x > ${3#--output=}/overview.png\n");
  ::unsetenv("OMP_NUM_THREADS");
  const auto catalog = list_of({"a", "b", "c"});
  options_.jobs = 3;
  options_.gpus = {"4", "6"};
  run(catalog);
  std::string logs;
  for (const char* name : {"a", "b", "c"}) logs += test::read_bytes(out_ / name / "log.txt");
  EXPECT_THAT(logs, HasSubstr("gpu 4 threads"));
  EXPECT_THAT(logs, HasSubstr("gpu 6 threads"));
  EXPECT_THAT(logs, Not(HasSubstr("threads  ")));
  EXPECT_THAT(logs, Not(HasSubstr("and .")));
}

TEST(ErrorSentence, IsTheLastErrorOfTheAttempt) {
  const test::TemporaryFolder folder;
  const std::string before = "error old\n";
  test::write_bytes(folder / "log", before + "error first\nerror [rank 3] second (why): do\ninfo more\n");
  EXPECT_EQ(error_sentence(folder / "log", before.size()), "second (why): do");
  test::write_bytes(folder / "log", before + "terminate called\n\n");
  EXPECT_EQ(error_sentence(folder / "log", before.size()), "terminate called") << "better than nothing";
  EXPECT_EQ(error_sentence(folder / "none", 0), "");
}

}  // namespace
}  // namespace retime::catalog

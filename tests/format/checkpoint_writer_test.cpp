#include "format/checkpoint_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

Checkpoint sample(std::int64_t step, std::size_t numbers = 1000) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  for (const char* name : {"parameters/a", "parameters/b", "adam_first/a"})
    checkpoint.arrays.push_back({name, {numbers}, std::vector<float>(numbers, static_cast<float>(step)), {}});
  return checkpoint;
}

std::vector<std::int64_t> steps_in(const CheckpointFolder& folder) {
  std::vector<std::int64_t> steps;
  for (const auto& file : folder.list()) steps.push_back(read_checkpoint(file).step);
  return steps;
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

class CheckpointWriterTest : public testing::Test {
 protected:
  CheckpointWriterTest() { std::filesystem::create_directories(run_ / "checkpoints"); }
  static constexpr std::chrono::milliseconds kAtOnce{0};
  test::TemporaryFolder run_;
  CheckpointFolder folder_{run_.path()};
};

// Ends the child by _exit: it must not run what belongs to the parent's test.
template <class Job>
int status_of_child(const Job& job) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      job();
    } catch (...) {
      ::_exit(99);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

// A mount namespace for this process alone.
bool own_mounts() {
  return ::unshare(CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER)) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

TEST_F(CheckpointWriterTest, WritesInOrderAndPrunes) {
  {
    CheckpointWriter writer(folder_);
    for (std::int64_t step = 1; step <= 6; ++step) {
      auto checkpoint = sample(step);
      checkpoint.milestone = step == 3;
      writer.write(std::move(checkpoint), 2);
    }
  }
  EXPECT_THAT(steps_in(folder_), ElementsAre(6, 5, 3)) << "what was taken over is finished, whoever waits";
}

TEST_F(CheckpointWriterTest, WhatIsNewerThanWhereTheRunGoesOnIsSetAside) {
  for (const std::int64_t step : {5, 20, 30}) write_checkpoint(folder_.path_of(step), sample(step));
  const auto given_up = test::read_bytes(folder_.path_of(20));
  CheckpointWriter writer(folder_);
  writer.go_on_from(5);
  auto own = sample(20);
  own.config = "of another fit";
  testing::internal::CaptureStdout();
  writer.write(own, 2);
  writer.finish();
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr("2 checkpoint(s) newer than"));
  EXPECT_THAT(steps_in(folder_), ElementsAre(20, 5));
  EXPECT_EQ(read_checkpoint(folder_.path_of(20)).config, "of another fit");
  EXPECT_EQ(test::read_bytes(folder_.path_of(20).string() + ".dropped"), given_up);
  EXPECT_EQ(read_checkpoint(folder_.path_of(30).string() + ".dropped").step, 30);
}

TEST_F(CheckpointWriterTest, FinishedMeansDurable) {
  CheckpointWriter writer(folder_);
  writer.finish();
  writer.write(sample(7), 1);
  writer.finish();
  EXPECT_THAT(steps_in(folder_), ElementsAre(7));
  EXPECT_EQ(files_in(run_ / "checkpoints"), 1U);
}

TEST_F(CheckpointWriterTest, ArraysThatDoNotChangeAreWrittenToo) {
  const auto more =
      std::make_shared<const std::vector<NamedArray>>(std::vector<NamedArray>{{"parameters/more", {2}, {3, 4}, {}}});
  CheckpointWriter writer(folder_);
  writer.write(sample(7), 1, more);
  writer.finish();
  const auto checkpoint = read_checkpoint(folder_.path_of(7));
  EXPECT_EQ(checkpoint.arrays.size(), 4U);
  EXPECT_EQ(checkpoint.arrays.back().name, "parameters/more");
  EXPECT_EQ(checkpoint.arrays.back().floats, (std::vector<float>{3, 4}));
}

TEST_F(CheckpointWriterTest, FailureIsToldAndLosesNothing) {
  CheckpointWriter writer(folder_, kAtOnce);
  writer.write(sample(1), 1);
  writer.finish();
  std::filesystem::create_directories(folder_.path_of(2) / "in the way");
  writer.write(sample(2), 1);
  EXPECT_THAT(message_of<Error>([&] { writer.finish(); }), HasSubstr("step_000000002.h5"));
  EXPECT_EQ(read_checkpoint(folder_.path_of(1)).step, 1);
  EXPECT_NO_THROW(writer.finish()) << "it was told";
  writer.write(sample(2), 1);
  writer.write(sample(3), 1);
  EXPECT_NO_THROW(writer.finish()) << "what is newer is saved";
  EXPECT_EQ(read_checkpoint(folder_.path_of(3)).step, 3);
}

TEST_F(CheckpointWriterTest, FailedLastSaveIsTriedAgain) {
  const auto more =
      std::make_shared<const std::vector<NamedArray>>(std::vector<NamedArray>{{"parameters/more", {2}, {3, 4}, {}}});
  CheckpointWriter writer(folder_, std::chrono::milliseconds(50));
  std::filesystem::create_directories(folder_.path_of(2) / "in the way");
  writer.write(sample(2), 1, more);
  writer.wait();
  test::remove_tree(folder_.path_of(2));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_NO_THROW(writer.finish());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
  EXPECT_EQ(read_checkpoint(folder_.path_of(2)).arrays.size(), 4U);
  EXPECT_EQ(files_in(run_ / "checkpoints"), 1U);
}

TEST_F(CheckpointWriterTest, FolderThatIsReadOnlyLosesNothing) {
  enum { kPassed = 0, kNoMount = 1, kNoError, kWrongMessage, kFirstIsLost };
  write_checkpoint(folder_.path_of(1), sample(1));
  const int status = status_of_child([&] {
    const auto disk = run_.path() / "checkpoints";
    if (!own_mounts() || ::mount(disk.c_str(), disk.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(disk.c_str(), disk.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
      ::_exit(kNoMount);
    CheckpointWriter writer(folder_, kAtOnce);
    writer.write(sample(2), 1);
    const auto message = message_of<Error>([&] { writer.finish(); });
    if (message.empty()) ::_exit(kNoError);
    if (message.find("Read-only") == std::string::npos) ::_exit(kWrongMessage);
    if (read_checkpoint(folder_.path_of(1)).step != 1) ::_exit(kFirstIsLost);
  });
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == kNoMount) GTEST_SKIP() << "nothing can be mounted here";
  EXPECT_EQ(WEXITSTATUS(status), kPassed);
}

// A training loop that streams frames reads other files meanwhile.
TEST_F(CheckpointWriterTest, OtherFilesAreReadWhileItWrites) {
  write_checkpoint(run_ / "other.h5", sample(9, 20000));
  CheckpointWriter writer(folder_, kAtOnce);
  for (std::int64_t step = 1; step <= 20; ++step) {
    writer.write(sample(step, 20000), 2);
    EXPECT_EQ(read_checkpoint(run_ / "other.h5").arrays.at(2).floats, std::vector<float>(20000, 9));
    EXPECT_THROW(read_checkpoint(run_ / "none.h5"), Error);
  }
  writer.finish();
  EXPECT_THAT(steps_in(folder_), ElementsAre(20, 19));
}

class CutOffSave : public CheckpointWriterTest, public testing::WithParamInterface<const char*> {};

TEST_P(CutOffSave, LeavesTheLastGoodCheckpoint) {
  write_checkpoint(folder_.path_of(1), sample(1));
  const int status = status_of_child([&] {
    ::setenv("RETIME_FAULT_POINT", GetParam(), 1);
    CheckpointWriter writer(folder_, kAtOnce);
    writer.write(sample(2), 1);
    writer.finish();
  });
  ASSERT_TRUE(WIFSIGNALED(status)) << "the save never came by " << GetParam();
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  Checkpoint newest;
  ASSERT_TRUE(folder_.read_newest(newest));
  const bool is_renamed = std::string(GetParam()) == "save.renamed" || std::string(GetParam()) == "save.pruning";
  EXPECT_EQ(newest.step, is_renamed ? 2 : 1);
  EXPECT_EQ(newest.arrays.at(0).floats, std::vector<float>(1000, static_cast<float>(newest.step)));
  folder_.remove_leftovers();
  EXPECT_EQ(files_in(run_ / "checkpoints"), folder_.list().size()) << "leftovers of the cut off save are gone";
  CheckpointWriter writer(folder_, kAtOnce);
  writer.write(sample(3), 1);
  writer.finish();
  EXPECT_THAT(steps_in(folder_), ElementsAre(3));
}

INSTANTIATE_TEST_SUITE_P(Stages, CutOffSave,
                         testing::Values("save.begun", "save.opened", "save.halfway", "save.closed", "save.synced",
                                         "save.renamed", "save.pruning"),
                         [](const auto& stage) { return std::string(stage.param).substr(5); });

// A tmpfs of 600 KiB in a mount namespace of its own: the second checkpoint of 480 KiB does not fit.
TEST_F(CheckpointWriterTest, FullDiskLosesNothing) {
  enum { kPassed = 0, kNoTmpfs = 1, kNoError, kWrongMessage, kFirstIsLost, kLeftovers, kNoRoomAgain };
  const int status = status_of_child([&] {
    const auto disk = run_.path() / "checkpoints";
    if (!own_mounts() || ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=600k") != 0) ::_exit(kNoTmpfs);
    CheckpointWriter writer(folder_, kAtOnce);
    writer.write(sample(1, 40000), 1);
    writer.finish();
    writer.write(sample(2, 40000), 1);
    const auto message = message_of<Error>([&] { writer.finish(); });
    if (message.empty()) ::_exit(kNoError);
    if (message.find("step_000000002.h5") == std::string::npos) ::_exit(kWrongMessage);
    if (read_checkpoint(folder_.path_of(1)).step != 1) ::_exit(kFirstIsLost);
    if (files_in(disk) != 1) ::_exit(kLeftovers);
    writer.write(sample(3, 1000), 1);
    writer.finish();
    if (steps_in(folder_) != std::vector<std::int64_t>{3}) ::_exit(kNoRoomAgain);
  });
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == kNoTmpfs) GTEST_SKIP() << "a tmpfs cannot be mounted here";
  EXPECT_EQ(WEXITSTATUS(status), kPassed);
}

}  // namespace
}  // namespace retime

#include "core/progress_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/progress.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

TEST(ProgressFile, ProgressTellsOtherPrograms) {
  const test::TemporaryFolder folder;
  const auto file = folder / "progress.json";
  ::setenv("RETIME_PROGRESS_FILE", file.c_str(), 1);
  testing::internal::CaptureStderr();
  {
    Progress progress("train", "epochs", 4);
    const auto start = read_progress_file(file);
    ASSERT_TRUE(start);
    EXPECT_EQ(progress_text(*start), "train 0/4 epochs");
    EXPECT_LT(start->left_now_s(), 0) << "not known yet";
    for (int i = 1; i <= 4; ++i) progress.update(i);
    Progress silent("render", "frames", 9, false);
    silent.update(9);
  }
  ::unsetenv("RETIME_PROGRESS_FILE");
  Progress elsewhere("compose", "frames", 2);
  elsewhere.update(2);
  testing::internal::GetCapturedStderr();
  const auto end = read_progress_file(file);
  ASSERT_TRUE(end);
  EXPECT_EQ(progress_text(*end), "train 4/4 epochs") << "the last step is written whenever it comes";
  EXPECT_EQ(end->left_now_s(), 0);
  EXPECT_GT(end->written_s, 1.6e9);
  EXPECT_EQ(folder.entries(), 1) << "nothing is left beside it";
}

TEST(ProgressFile, TimeLeftRunsDown) {
  const test::TemporaryFolder folder;
  write_progress_file(folder / "p", {"train", "epochs", 1, 2, 1000});
  auto state = read_progress_file(folder / "p");
  ASSERT_TRUE(state);
  EXPECT_LE(state->left_now_s(), 1000);
  state->written_s -= 400;
  EXPECT_LE(state->left_now_s(), 600);
  state->written_s -= 4000;
  EXPECT_EQ(state->left_now_s(), 0);
}

TEST(ProgressFile, FaultsAreNobodysTrouble) {
  const test::TemporaryFolder folder;
  write_progress_file(folder / "none/p", {});
  EXPECT_FALSE(read_progress_file(folder / "none/p"));
  for (const char* text : {"", "{", "[]", "{\"stage\": 3}"}) {
    test::write_bytes(folder / "p", text);
    EXPECT_FALSE(read_progress_file(folder / "p")) << text;
  }
}

}  // namespace
}  // namespace retime

// `retime synth` writes the whole folder, the same each time, and nothing into folders of others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTiny = " --scene order --size 48x28 --frames 4 --fps 4 --samples 1";

TEST(Synth, WritesClipAndTruth) {
  const test::TemporaryFolder folder;
  const auto scene = [&](const std::string& name) { return "synth -o " + (folder / name).string() + kTiny; };
  const auto first = run_retime(scene("a")), second = run_retime(scene("b"));
  ASSERT_EQ(first.exit_code, 0) << first.output;
  ASSERT_EQ(second.exit_code, 0) << second.output;
  for (const char* file :
       {"clip.mp4", "keypoints.json", "metadata.json", "rgb_256/0004.png", "rgb_512/0004.png", "iuv/03/0004.png",
        "iuv_512/03/0004.png", "mask/03/0004.png", "truth/plate.png", "truth/clean/000003.png",
        "truth/layers/03/000003.png", "truth/edits/shift.json", "truth/edits/duplicate/000003.png"}) {
    const std::string bytes = test::read_bytes(folder / (std::string("a/") + file));
    EXPECT_FALSE(bytes.empty()) << file;
    EXPECT_EQ(bytes, test::read_bytes(folder / (std::string("b/") + file))) << file;
  }
  EXPECT_EQ(run_retime(scene("a")).exit_code, 0) << "its own folder is replaced";
  EXPECT_EQ(folder.entries(), 2);
}

TEST(Synth, LeavesFoldersOfOthersAlone) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "holiday.txt", "mine");
  const auto result = run_retime("synth -o " + folder.path().string() + kTiny);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("was not made by retime synth"));
  EXPECT_EQ(folder.entries(), 1);
}

}  // namespace
}  // namespace retime

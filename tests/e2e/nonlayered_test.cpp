// The baseline without layers, through the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "model/tiny_scene.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using test::TinyScene;
using ::testing::HasSubstr;

class Nonlayered : public ::testing::Test {
 protected:
  Nonlayered() {
    TinyScene().write(folder_ / "scene.h5");
    fs::create_directories(folder_ / "truth" / "truth" / "edits");
    write("truth/truth/truth.json",
          R"({"format": 1, "kind": "tiny", "seed": 1, "size": [96, 64], "training_size": [48, 32], "frames": 12,
              "objects": ["01", "02"], "moving_camera": false, "edits": ["twins"]})");
    write("truth/truth/edits/twins.json", R"({"edits": [{"layer": "02", "duplicate": {"offset": 2}}]})");
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  ProgramResult baseline(const std::string& output, const std::string& more = "") const {
    return run_retime("baseline " + (folder_ / "scene.h5").string() + " -o " + (folder_ / output).string() +
                      " --method nonlayered --epochs 1 --width 4 --texture-size 4 --background-texture-size 8" + more);
  }
  static int frames_in(const fs::path& folder) {
    int count = 0;
    while (fs::exists(
        folder / (count < 10 ? "00000" + std::to_string(count) + ".png" : "0000" + std::to_string(count) + ".png")))
      ++count;
    return count;
  }
  int entries() const {
    return static_cast<int>(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator{}));
  }

  test::TemporaryFolder folder_;
};

TEST_F(Nonlayered, WritesEveryVideoUnderTheNamesOfTheTruth) {
  const auto result = baseline("videos", " --truth " + (folder_ / "truth").string());
  ASSERT_EQ(result.exit_code, 0) << result.output;
  for (const char* video :
       {"reconstruction", "background", "solo/01", "solo/02", "without/01", "without/02", "edits/twins"})
    EXPECT_EQ(frames_in(folder_ / "videos" / video), TinyScene::kFrames) << video;
  EXPECT_EQ(entries(), 3) << "something was left behind";
}

TEST_F(Nonlayered, TakesTheScenesNamesWithoutATruth) {
  const auto result = baseline("videos/");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  for (const char* video : {"reconstruction", "background", "solo/red", "solo/blue", "without/red", "without/blue"})
    EXPECT_EQ(frames_in(folder_ / "videos" / video), TinyScene::kFrames) << video;
  EXPECT_FALSE(fs::exists(folder_ / "videos" / "edits"));
}

TEST_F(Nonlayered, LeavesAFullFolderAlone) {
  fs::create_directories(folder_ / "mine");
  write("mine/notes.txt", "mine");
  const auto result = baseline("mine");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("holds something already"));
  EXPECT_EQ(entries(), 3);
  EXPECT_TRUE(fs::exists(folder_ / "mine" / "notes.txt"));
}

TEST_F(Nonlayered, ReadsEveryEditBeforeItFits) {
  write("truth/truth/edits/twins.json", R"({"edits": [{"layer": "03", "remove": true}]})");
  const auto result = baseline("videos", " --truth " + (folder_ / "truth").string());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("twins.json"));
  EXPECT_EQ(entries(), 2);
}

TEST_F(Nonlayered, LeavesNothingWhenItIsStopped) {
  const auto result =
      run_shell(RETIME_PROGRAM " baseline " + (folder_ / "scene.h5").string() + " -o " + (folder_ / "videos").string() +
                " --method nonlayered --epochs 1000000 & fit=$!; " + until("ls -d " + (folder_ / ".videos*").string()) +
                "kill -TERM $fit; wait $fit; echo code $?");
  EXPECT_THAT(result.output, HasSubstr("code 1"));
  EXPECT_THAT(result.output, HasSubstr("stopped by a signal"));
  EXPECT_EQ(entries(), 2);
}

}  // namespace
}  // namespace retime

// `retime synth` writes the whole folder, the same each time, and nothing into folders of others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"
#include "format/scene.hpp"
#include "pose/joints.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;

constexpr const char* kTiny = " --scene order --size 48x28 --frames 4 --fps 4 --samples 1";

constexpr const char* kEightFrames = " --scene order --size 64x36 --frames 8 --fps 8 --samples 1";

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

// The drawn keypoints go through `prepare` and come back as joints of the layers, from the folder and beside the clip.
TEST(Synth, KeypointsComeBackFromTheScene) {
  const test::TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  ASSERT_TRUE(succeeds(run_retime("synth -o " + path("a") + kEightFrames)));
  const auto drawn = nlohmann::json::parse(test::read_bytes(folder / "a/keypoints.json"));
  ASSERT_TRUE(succeeds(run_retime("prepare " + path("a") + " -o " + path("folder.h5"))));
  ASSERT_TRUE(
      succeeds(run_retime("prepare " + path("a/clip.mp4") + " -o " + path("clip.h5") + " --size 64x36 --masks " +
                          path("a/truth/body") + " --keypoints " + path("a/keypoints.json"))));
  for (const char* file : {"folder.h5", "clip.h5"}) {
    const SceneReader scene(folder / file);
    ASSERT_TRUE(scene.info().has_keypoints) << file;
    int compared = 0;
    for (int object = 0; object < scene.info().object_count(); ++object) {
      const auto joints = joints_from_values(scene.read_keypoints(object));
      for (const auto& [name, people] : drawn.items())
        for (const auto& person : people) {
          if (person["idx"] != object + 1) continue;
          const auto frame = static_cast<std::size_t>(std::stoi(name) - 1);
          const Joint& hip = joints.at(frame)[kLeftHip];
          if (!hip.is_known()) continue;
          EXPECT_NEAR(hip.x, person["keypoints"][3 * kLeftHip].get<float>(), 0.6) << file << " " << name;
          EXPECT_NEAR(hip.y, person["keypoints"][3 * kLeftHip + 1].get<float>(), 0.6) << file << " " << name;
          ++compared;
        }
    }
    EXPECT_GE(compared, 8) << file;
    EXPECT_THAT(run_retime("info " + path(file)).output, HasSubstr(", joints in "));
  }
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

// The main job on the bundled clip, small: from the clip to the retimed video, with one command.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "core/temporary_folder.hpp"
#include "data/decode/video_reader.hpp"
#include "e2e/program.hpp"
#include "format/layers.hpp"
#include "format/scene.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kSmall = " --size 192x108 --epochs 2 --checkpoint-epochs 1 --preview-epochs 1 --preset ultrafast";

// One run serves all tests of this file; it is what takes time.
class MainJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = test::fresh_folder("main_job");
    first_ = run_retime(command());
  }
  static void TearDownTestSuite() { test::clear_up(folder_); }
  static std::string command() {
    return "run " + kRoomClip + " -o " + folder_.string() + " --edit " + kRoomEdit + kSmall;
  }

  void SetUp() override { ASSERT_EQ(first_.exit_code, 0) << first_.output; }

  static std::vector<Image> frames_of(const std::string& name) {
    VideoReader reader(folder_ / name);
    std::vector<Image> frames;
    for (Image rgb; reader.next(rgb);) frames.push_back(rgb);
    return frames;
  }

  static inline fs::path folder_;
  static inline ProgramResult first_;
};

// Share of pixels of two frames that differ clearly.
double changed_share(const Image& a, const Image& b) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < a.pixels.size(); i += 3) changed += std::abs(int{a.pixels[i]} - int{b.pixels[i]}) > 40;
  return static_cast<double>(changed) / static_cast<double>(a.size.area());
}

TEST_F(MainJob, FindsTheTwoPeople) {
  const SceneReader scene(folder_ / "scene.h5");
  ASSERT_EQ(scene.info().object_count(), 2);
  EXPECT_EQ(scene.info().frame_count, 120);
  const auto& presence = scene.presence();
  EXPECT_TRUE(presence[0][5]) << "the woman is there at first";
  EXPECT_FALSE(presence[0][60]) << "the room is empty in between";
  EXPECT_FALSE(presence[1][60]);
  EXPECT_TRUE(presence[1][100]) << "the man is there at the end";
}

TEST_F(MainJob, TellsWhereItIs) {
  for (const char* stage :
       {"stage 1 of 4 (prepare)", "stage 2 of 4 (fit), ", "stage 3 of 4 (render), ", "stage 4 of 4 (compose), "})
    EXPECT_THAT(first_.output, HasSubstr(stage));
  const auto last = first_.output.find("train 2/2 epochs, ");
  ASSERT_NE(last, std::string::npos) << first_.output;
  EXPECT_EQ(first_.output.find("train 2/2 epochs, ", last + 1), std::string::npos) << "the last line comes once";
}

TEST_F(MainJob, InfoTellsOfFilesAndFolders) {
  const auto folder = folder_.string();
  const auto text = run_retime("info " + folder + "/scene.h5 " + folder);
  EXPECT_EQ(text.exit_code, 0) << text.output;
  EXPECT_THAT(text.output, HasSubstr("== " + folder + "/scene.h5 ==\nscene: 120 frames"));
  EXPECT_THAT(text.output, HasSubstr("run: complete"));
  EXPECT_THAT(text.output, HasSubstr("epoch 2 of 2"));
  const auto json = run_retime("info --json " + folder + "/run");
  EXPECT_EQ(json.exit_code, 0) << json.output;
  EXPECT_THAT(json.output, HasSubstr("\"complete\": true"));
}

TEST_F(MainJob, MakesEveryVideo) {
  for (const char* name :
       {"reconstruction.mp4", "background.mp4", "only_object_1.mp4", "only_object_2.mp4", "retimed.mp4"}) {
    VideoReader reader(folder_ / name);
    EXPECT_EQ(reader.info().rate.num, 10 * reader.info().rate.den) << name;
    EXPECT_EQ(frames_of(name).size(), 120U) << name;
  }
  EXPECT_GT(fs::file_size(folder_ / "overview.png"), 10000U);
  EXPECT_TRUE(fs::exists(folder_ / "run/previews/epoch_000001.png"));
  EXPECT_TRUE(fs::exists(folder_ / "run/metrics.jsonl"));
}

TEST_F(MainJob, UnmovedLayersGiveTheClipBack) {
  const auto result = run_retime("compose " + (folder_ / "layers.h5").string() + " -o " + (folder_ / "same/").string() +
                                 " --compare " + (folder_ / "scene.h5").string());
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const bool exact = result.output.find("largest 0 of") != std::string::npos ||
                     result.output.find("largest 1 of") != std::string::npos;
  EXPECT_TRUE(exact) << result.output;
}

TEST_F(MainJob, BackgroundShowsTheEmptyRoom) {
  const auto background = frames_of("background.mp4"), clip = frames_of("reconstruction.mp4");
  EXPECT_GT(changed_share(background[100], clip[100]), 0.04) << "the man is gone";
  EXPECT_LT(changed_share(background[100], clip[60]), 0.01) << "what remains is the empty room";
}

TEST_F(MainJob, RetimedPeopleMeet) {
  const auto retimed = frames_of("retimed.mp4"), background = frames_of("background.mp4");
  const auto woman = frames_of("only_object_1.mp4"), man = frames_of("only_object_2.mp4");
  // The edit shows woman's frame t - 12 and man's frame t + 54: both are there at frame 30.
  const double both = changed_share(retimed[30], background[30]);
  const double her = changed_share(woman[18], background[18]), him = changed_share(man[84], background[84]);
  EXPECT_GT(her, 0.02);
  EXPECT_GT(him, 0.02);
  EXPECT_GT(both, std::max(her, him) + 0.02) << "one alone is less";
  EXPECT_LT(both, 1.1 * (her + him)) << "nothing else changes";
  EXPECT_LT(changed_share(retimed[30], woman[18]), 1.1 * him) << "what is not as in her frame is he";
  EXPECT_LT(changed_share(retimed[30], man[84]), 1.1 * her) << "what is not as in his frame is she";
}

TEST_F(MainJob, LayersCarryNamesAndCleanAlpha) {
  const LayersReader layers(folder_ / "layers.h5");
  EXPECT_EQ(layers.info().names, (std::vector<std::string>{"background", "object_1", "object_2"}));
  Image rgba;
  layers.read(60, 1, rgba);
  EXPECT_EQ(*std::max_element(rgba.pixels.begin(), rgba.pixels.end()), 0) << "nobody is there";
  layers.read(100, 2, rgba);
  std::size_t opaque = 0, clear = 0;
  for (std::size_t i = 3; i < rgba.pixels.size(); i += 4) {
    opaque += rgba.pixels[i] > 250;
    clear += rgba.pixels[i] == 0;
  }
  EXPECT_GT(opaque, rgba.size.area() / 30) << "the man is opaque";
  EXPECT_GT(clear, rgba.size.area() / 2) << "most of his layer is empty";
}

TEST_F(MainJob, ASecondRunOnlyDoesWhatIsLeft) {
  const auto again = run_retime(command());
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr("prepared already"));
  EXPECT_THAT(again.output, HasSubstr("resumed from"));
  EXPECT_THAT(again.output, HasSubstr("blocks were there already, 0 were made"));
}

TEST_F(MainJob, ExportsStraightAlphaPng) {
  const auto result = run_retime("export " + (folder_ / "layers.h5").string() + " -o " + (folder_ / "png").string());
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_TRUE(fs::exists(folder_ / "png/layer_00/000000.png"));
  EXPECT_TRUE(fs::exists(folder_ / "png/layer_02/000119.png"));
}

TEST_F(MainJob, DamagedBlockIsNamedAndMadeAnew) {
  const auto block = folder_ / "layers/block_000002.h5";
  {
    std::fstream file(block, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(block) / 2));
    file << "damage";
  }
  const std::string compose = "compose " + (folder_ / "layers.h5").string() + " -o " + (folder_ / "again.mp4").string();
  const auto damaged = run_retime(compose);
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_THAT(damaged.output, HasSubstr("block_000002.h5"));
  const auto render = run_retime("render " + (folder_ / "run").string() + " -o " + (folder_ / "layers.h5").string());
  EXPECT_THAT(render.output, HasSubstr("1 were made")) << render.output;
  EXPECT_EQ(run_retime(compose).exit_code, 0);
}

TEST_F(MainJob, MissingBlockIsNamed) {
  const auto block = folder_ / "layers/block_000003.h5", aside = folder_ / "aside.h5";
  fs::rename(block, aside);
  const auto result =
      run_retime("compose " + (folder_ / "layers.h5").string() + " -o " + (folder_ / "bad.mp4").string());
  fs::rename(aside, block);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("block_000003.h5"));
  EXPECT_FALSE(fs::exists(folder_ / "bad.mp4"));
}

TEST(RunAgain, GoesOnWithACorrectedScene) {
  const test::TemporaryFolder folder;
  const std::string command = "run " + kRoomClip + " -o " + (folder / "out").string() +
                              " --objects 2 --first-frame 60 --last-frame 83 --size 96x54 --width 4 --epochs 4 "
                              "--checkpoint-epochs 2 --preview-epochs 0 --preset ultrafast";
  ASSERT_TRUE(succeeds(run_retime(command)));
  const auto correct = [&](const std::string& entry) {
    std::ofstream(folder / "out/scene.edits.json") << "{\"corrections\": [" << entry << "]}";
    return run_retime(command);
  };
  const auto mistaken = correct(R"({"rename": "object_9", "as": "right"})");
  EXPECT_EQ(mistaken.exit_code, 1);
  EXPECT_THAT(mistaken.output, HasSubstr("scene.edits.json, line 1: corrections[0] cannot be applied"));
  const auto renamed = correct(R"({"rename": "object_1", "as": "right"})");
  ASSERT_TRUE(succeeds(renamed));
  EXPECT_THAT(renamed.output, HasSubstr("corrections: object_1 is called right"));
  EXPECT_THAT(renamed.output, HasSubstr("mattes of 0 of 24 frames were made anew"));
  EXPECT_THAT(renamed.output, HasSubstr("it goes on with the corrected one, in epoch 4 of 4"));
  EXPECT_TRUE(fs::exists(folder / "out/only_right.mp4"));
  EXPECT_FALSE(fs::exists(folder / "out/run.1"));
  const auto again = run_retime(command);
  EXPECT_THAT(again.output, HasSubstr("prepared already"));
  EXPECT_THAT(again.output, Not(HasSubstr("corrected")));
}

}  // namespace
}  // namespace retime

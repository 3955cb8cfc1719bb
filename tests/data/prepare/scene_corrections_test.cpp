// A small drawn clip, prepared with corrections: on top of the scene that is there, and from nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/temporary_folder.hpp"
#include "data/disc_scene.hpp"
#include "data/prepare/prepare.hpp"
#include "format/scene.hpp"
#include "format/scene_fingerprint.hpp"
#include "media/mat.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr int kFrames = 28;
constexpr Size kTraining{96, 64}, kFull{192, 128};

class SceneCorrectionsTest : public testing::Test {
 protected:
  // Two discs that pass each other at some distance, with shadows.
  static void SetUpTestSuite() {
    clip_ = test::fresh_folder("corrected_clip");
    const test::DiscScene drawn(kFrames,
                                {{{34, 32}, {4.4F, 0}, 14, test::kRed}, {{160, 94}, {-4.4F, 0}, 14, test::kBlue}});
    for (int t = 0; t < kFrames; ++t) write_png(clip_ / frame_file_name(t), to_image(drawn.frame(t)));
  }
  static void TearDownTestSuite() { test::clear_up(clip_); }

  void SetUp() override {
    options_.objects = "moving";
    options_.size = "96x64";
    options_.show_progress = false;
  }

  // Returns what was told.
  std::string prepare(const std::string& corrections, const std::string& name = "scene") {
    const auto edits = folder_ / (name + ".edits.json");
    std::filesystem::remove(edits);
    if (!corrections.empty()) write_text_file(edits, "{\"corrections\": [" + corrections + "]}");
    testing::internal::CaptureStdout();
    prepare_scene(clip_, folder_ / (name + ".h5"), options_);
    return testing::internal::GetCapturedStdout();
  }

  SceneReader scene(const std::string& name = "scene") const { return SceneReader(folder_ / (name + ".h5")); }

  static std::vector<std::uint8_t> maps(const SceneReader& scene, int object,
                                        void (SceneReader::*read)(int, int, int, std::span<std::uint8_t>) const,
                                        std::size_t bytes) {
    std::vector<std::uint8_t> values(kFrames * bytes);
    (scene.*read)(object, 0, kFrames, values);
    return values;
  }
  static std::vector<std::uint8_t> mattes(const SceneReader& scene, int object) {
    return maps(scene, object, &SceneReader::read_matte, 4 * kFull.area());
  }
  static std::vector<std::uint8_t> visibility(const SceneReader& scene, int object) {
    return maps(scene, object, &SceneReader::read_visibility, kFull.area());
  }
  static std::vector<std::uint8_t> trimaps(const SceneReader& scene, int object) {
    return maps(scene, object, &SceneReader::read_trimap, kTraining.area());
  }
  static std::uint8_t at(const std::vector<std::uint8_t>& values, Size size, int frame, cv::Point pixel) {
    return values[static_cast<std::size_t>((frame * size.height + pixel.y) * size.width + pixel.x)];
  }

  // Whatever two scenes hold.
  static void expect_same(const SceneReader& a, const SceneReader& b) {
    ASSERT_EQ(a.info().objects, b.info().objects);
    EXPECT_EQ(a.fingerprint(), b.fingerprint());
    EXPECT_EQ(a.info().notes, b.info().notes);
    EXPECT_EQ(a.info().left_out, b.info().left_out);
    EXPECT_EQ(a.order(), b.order());
    EXPECT_EQ(a.presence(), b.presence());
    const auto contact = a.read_ground_contact(), other = b.read_ground_contact();
    EXPECT_TRUE(std::equal(contact.begin(), contact.end(), other.begin(),
                           [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); }));
    EXPECT_EQ(a.read_plate().color.pixels, b.read_plate().color.pixels);
    EXPECT_EQ(a.read_plate().observed.pixels, b.read_plate().observed.pixels);
    EXPECT_EQ(a.read_lighting().gain, b.read_lighting().gain);
    EXPECT_EQ(a.read_lighting().offset, b.read_lighting().offset);
    EXPECT_EQ(a.read_work()->matte_keys, b.read_work()->matte_keys);
    for (int t = 0; t < kFrames; ++t) EXPECT_EQ(a.read_full(t).pixels, b.read_full(t).pixels);
    for (int i = 0; i < a.info().object_count(); ++i) {
      EXPECT_EQ(mattes(a, i), mattes(b, i)) << i;
      EXPECT_EQ(visibility(a, i), visibility(b, i)) << i;
      EXPECT_EQ(trimaps(a, i), trimaps(b, i)) << i;
      EXPECT_EQ(maps(a, i, &SceneReader::read_iuv, 3 * kTraining.area()),
                maps(b, i, &SceneReader::read_iuv, 3 * kTraining.area()));
      EXPECT_EQ(maps(a, i, &SceneReader::read_iuv_full, 3 * kFull.area()),
                maps(b, i, &SceneReader::read_iuv_full, 3 * kFull.area()));
    }
  }

  // On top of the scene without corrections, and from nothing: the same. Returns what the former told.
  std::string prepare_both_ways(const std::string& corrections) {
    prepare("", "scene");
    const auto told = prepare(corrections, "scene");
    EXPECT_THAT(told, AllOf(HasSubstr("taken from the scene that is there"), Not(HasSubstr("looking for"))));
    EXPECT_THAT(prepare(corrections, "anew"), HasSubstr("looking for moving objects"));
    expect_same(scene("scene"), scene("anew"));
    return told;
  }

  static inline std::filesystem::path clip_;
  test::TemporaryFolder folder_;
  PrepareOptions options_;
};

TEST_F(SceneCorrectionsTest, NamesTouchNothingElse) {
  const auto told = prepare_both_ways(R"({"rename": "object_1", "as": "left"})");
  EXPECT_THAT(told, HasSubstr("corrections: object_1 is called left"));
  EXPECT_THAT(told, HasSubstr("mattes of 0 of 28 frames were made anew"));
  EXPECT_THAT(told, Not(HasSubstr("estimating the background")));
  EXPECT_THAT(scene().info().objects, ElementsAre("left", "object_2"));
}

TEST_F(SceneCorrectionsTest, AnOrderTouchesItsFramesAlone) {
  prepare("");
  const auto front = scene().order()[0].back();
  const std::string first = std::to_string(front + 1), second = std::to_string(2 - front);
  const auto told =
      prepare_both_ways(R"({"order": ["object_)" + first + R"(", "object_)" + second + R"("], "frames": [3, 5]})");
  EXPECT_THAT(told, HasSubstr("mattes of 3 of 28 frames were made anew"));
  EXPECT_EQ(scene().order()[4].front(), front);
  EXPECT_EQ(scene().order()[6].back(), front);
}

TEST_F(SceneCorrectionsTest, MasksMergesAndSplitsAreTheSameBothWays) {
  const auto told = prepare_both_ways(R"(
      {"mask": "object_2", "frames": [2, 4], "add": [[10, 90], [30, 90], [30, 120], [10, 120]]},
      {"split": "object_1", "at": 20, "as": "late"},
      {"mask": "late", "frames": 25, "unknown": [[100, 20], [140, 20], [140, 60], [100, 60]]},
      {"group": ["late", "object_2"], "as": "both"})");
  EXPECT_THAT(told, HasSubstr("mask of object_2 changed in 3 of 3 frames (frames 2 to 4)"));
  EXPECT_THAT(scene().info().objects, ElementsAre("object_1", "both"));
  EXPECT_EQ(at(visibility(scene(), 1), kFull, 25, {120, 40}), 0);
  EXPECT_EQ(at(trimaps(scene(), 1), kTraining, 25, {60, 20}), 128);
  EXPECT_EQ(at(trimaps(scene(), 1), kTraining, 3, {10, 52}), 255) << "what was added";
  EXPECT_FALSE(scene().presence()[0][27]);
}

TEST_F(SceneCorrectionsTest, FramesThatAreLeftOutSayNothing) {
  prepare_both_ways(R"({"leave_out": [12, 13]})");
  const auto corrected = scene();
  EXPECT_THAT(corrected.info().left_out, ElementsAre(12, 13));
  const auto values = mattes(corrected, 0);
  const auto frame = values.begin() + 12 * 4 * static_cast<std::ptrdiff_t>(kFull.area());
  EXPECT_TRUE(std::all_of(frame, frame + 4 * static_cast<std::ptrdiff_t>(kFull.area()), [](auto v) { return v == 0; }));
  EXPECT_TRUE(corrected.presence()[0][12]) << "it is on its way";
  const auto before = trimaps(corrected, 0);
  EXPECT_EQ(at(before, kTraining, 12, {40, 20}), 128);
}

TEST_F(SceneCorrectionsTest, WhatIsTakenBackIsGone) {
  prepare("");
  const auto fingerprint = scene().fingerprint();
  prepare(R"({"remove": "object_1"})");
  EXPECT_EQ(scene().info().object_count(), 1);
  EXPECT_FALSE(differ_by_corrections(fingerprint, scene().fingerprint())) << "it has another number of objects";
  prepare(R"({"rename": "object_1", "as": "left"})");
  EXPECT_TRUE(differ_by_corrections(fingerprint, scene().fingerprint()));
  prepare("");
  EXPECT_EQ(scene().fingerprint(), fingerprint);
  prepare("", "anew");
  expect_same(scene("scene"), scene("anew"));
}

TEST_F(SceneCorrectionsTest, AMistakeLeavesTheSceneAsItIs) {
  prepare("");
  const auto before = fingerprint_of(folder_ / "scene.h5");
  EXPECT_THAT(message_of<Error>([&] { prepare(R"({"remove": "object_7"})"); }),
              HasSubstr("there is no object 'object_7'"));
  EXPECT_THAT(testing::internal::GetCapturedStdout(), Not(HasSubstr("taken from"))) << "it is told before the work";
  EXPECT_EQ(fingerprint_of(folder_ / "scene.h5"), before);
}

TEST_F(SceneCorrectionsTest, AnotherClipIsPreparedFromNothing) {
  prepare("");
  options_.first_frame = 1;
  EXPECT_THAT(prepare(""), Not(HasSubstr("taken from")));
}

}  // namespace
}  // namespace retime

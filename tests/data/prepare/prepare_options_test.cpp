#include "data/prepare/prepare_options.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

TEST(TrainingSize, IsHalfTheClipsWithinLimits) {
  EXPECT_EQ(training_size("auto", {768, 432}), (Size{384, 216}));
  EXPECT_EQ(training_size("auto", {1920, 1080}), (Size{456, 256}));
  EXPECT_EQ(training_size("auto", {352, 240}), (Size{188, 128}));
  EXPECT_EQ(training_size("auto", {1080, 1920}), (Size{256, 456}));
}

TEST(TrainingSize, IsAQuarterOfLargeClips) {
  EXPECT_EQ(full_scale("auto", "auto", {1280, 720}), 2);
  EXPECT_EQ(full_scale("auto", "auto", {1920, 1080}), 4);
  EXPECT_EQ(full_scale("auto", "auto", {1080, 1920}), 4);
  EXPECT_EQ(full_scale("2", "auto", {1920, 1080}), 2);
  EXPECT_EQ(full_scale("4", "auto", {640, 480}), 4);
  EXPECT_EQ(full_scale("auto", "448x256", {1920, 1080}), 4);
  EXPECT_EQ(full_scale("auto", "512x288", {1920, 1080}), 2) << "layers would be larger than the clip";
  EXPECT_EQ(training_size("auto", {1920, 1080}, 4), (Size{480, 270}));
  EXPECT_EQ(training_size("auto", {3840, 2160}, 4), (Size{480, 270}));
}

TEST(TrainingSize, IsTakenAsGiven) {
  EXPECT_EQ(training_size("175x99", {768, 432}), (Size{175, 99}));
  for (const char* wrong : {"175", "175x", "x99", "175x99x3", "10x10", "-5x99", "wide"})
    EXPECT_THROW(training_size(wrong, {768, 432}), UsageError) << wrong;
}

TEST(PreparationText, ChangesWithTheKeypointsFile) {
  const test::TemporaryFolder folder;
  PrepareOptions options;
  options.keypoints = (folder / "poses.json").string();
  test::write_bytes(options.keypoints, "[1]");
  const auto before = preparation_text(options);
  EXPECT_NE(before.find("# " + options.keypoints + " "), std::string::npos);
  EXPECT_EQ(preparation_text(options), before);
  test::write_bytes(options.keypoints, "[2]");
  EXPECT_NE(preparation_text(options), before);
}

TEST(ObjectChoice, MasksAloneLookForNothing) {
  PrepareOptions options;
  EXPECT_FALSE(options.searches_beside_masks());
  options.masks = "masks";
  EXPECT_FALSE(options.searches_beside_masks());
  options.objects = "auto";
  EXPECT_TRUE(options.searches_beside_masks());
}

TEST(ObjectChoice, IsAWordOrANumber) {
  PrepareOptions options;
  EXPECT_EQ(options.object_choice().search, ObjectSearch::kAuto);
  options.objects = "people";
  EXPECT_EQ(options.object_choice().search, ObjectSearch::kPeople);
  options.objects = "12";
  EXPECT_EQ(options.object_choice().search, ObjectSearch::kMoving);
  EXPECT_EQ(options.object_choice().count, 12);
  for (const char* wrong : {"0", "101", "2x", "-1", "persons"}) {
    options.objects = wrong;
    EXPECT_THROW(options.validate(), UsageError) << wrong;
  }
}

}  // namespace
}  // namespace retime

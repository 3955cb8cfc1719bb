#include "data/detect/auto_objects.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "core/error.hpp"
#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::DiscScene;

AutoObjectsOptions for_discs() {
  AutoObjectsOptions options;
  options.min_area = 0.01F;
  return options;
}

cv::Mat found_mask(const DiscScene& scene, const MaskTrack& track, int t) {
  return full_mask(track.frames.at(static_cast<std::size_t>(t)), scene.size());
}

/// Mean overlap of a track with a disc's true masks, over the frames in which the disc is well inside the picture.
double track_overlap(const DiscScene& scene, const MaskTrack& track, std::size_t disc) {
  double sum = 0.0;
  int n = 0;
  for (int t = 0; t < scene.count(); ++t) {
    const cv::Mat truth = scene.mask(disc, t);
    if (cv::countNonZero(truth) < 200) continue;
    sum += test::overlap(found_mask(scene, track, t), truth);
    ++n;
  }
  return n == 0 ? 0.0 : sum / n;
}

TEST(AutoObjects, FindsEveryMovingObjectWithoutItsShadow) {
  const DiscScene scene(40, {{{-20, 35}, {6, 0}, 14, test::kRed}, {{220, 95}, {-6, 0}, 14, test::kBlue}});
  const auto tracks = find_objects(scene, for_discs());
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[0].name, "object_1");
  EXPECT_EQ(tracks[1].name, "object_2");
  for (const MaskTrack& track : tracks) ASSERT_EQ(track.frames.size(), 40U);
  EXPECT_GT(track_overlap(scene, tracks[0], 0), 0.85);
  EXPECT_GT(track_overlap(scene, tracks[1], 1), 0.85);
}

TEST(AutoObjects, IdentitiesSurviveACrossing) {
  const DiscScene scene(40, {{{-20, 60}, {6, 0}, 14, test::kRed}, {{212, 66}, {-6, 0}, 14, test::kBlue}});
  const auto tracks = find_objects(scene, for_discs());
  ASSERT_EQ(tracks.size(), 2U);
  const std::size_t red = track_overlap(scene, tracks[0], 0) > track_overlap(scene, tracks[0], 1) ? 0 : 1;
  EXPECT_GT(track_overlap(scene, tracks[red], 0), 0.75);
  EXPECT_GT(track_overlap(scene, tracks[1 - red], 1), 0.75);
}

TEST(AutoObjects, WhoLeavesAndWhoComesLaterAreTwo) {
  const DiscScene scene(60, {{{130, 50}, {6, 0}, 14, test::kRed, 0, 20}, {{-260, 80}, {6, 0}, 14, test::kRed, 30, 60}});
  const auto tracks = find_objects(scene, for_discs());
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_LT(last_frame(tracks[0]), 20);
  EXPECT_GT(first_frame(tracks[1]), 35);
}

TEST(AutoObjects, SomeoneWhoStandsForMostOfTheClipIsFound) {
  // Stands where a plain median would take it for background, then leaves.
  const DiscScene still(60, {{{90, 64}, {0, 0}, 14, test::kGreen, 0, 44}, {{-200, 64}, {6, 0}, 14, test::kRed}});
  const auto tracks = find_objects(still, for_discs());
  ASSERT_FALSE(tracks.empty());
  cv::Mat everybody = union_mask(tracks, 55, still.size());
  everybody.setTo(0, still.mask(1, 55));
  EXPECT_LT(cv::countNonZero(everybody), 60) << "the place it left must be background";
}

TEST(AutoObjects, KeepsTheLargest) {
  const DiscScene scene(40, {{{-20, 35}, {6, 0}, 9, test::kRed}, {{220, 90}, {-6, 0}, 20, test::kBlue}});
  AutoObjectsOptions options = for_discs();
  options.max_objects = 1;
  const auto tracks = find_objects(scene, options);
  ASSERT_EQ(tracks.size(), 1U);
  EXPECT_GT(track_overlap(scene, tracks[0], 1), 0.85);
}

TEST(AutoObjects, NothingMovingIsAnError) {
  const DiscScene scene(20, {});
  EXPECT_THROW(find_objects(scene, for_discs()), Error);
}

TEST(AutoObjects, WrongOptionsAreErrors) {
  AutoObjectsOptions options;
  options.max_objects = -1;
  EXPECT_THROW(options.validate(), Error);
  options = {};
  options.min_area = 1.5F;
  EXPECT_THROW(options.validate(), Error);
}

TEST(AutoObjects, EveryPartShowsItsProgressToTheEnd) {
  const DiscScene scene(20, {{{20, 60}, {6, 0}, 14, test::kRed}});
  AutoObjectsOptions options = for_discs();
  options.show_progress = true;
  testing::internal::CaptureStderr();
  find_objects(scene, options);
  const std::string told = testing::internal::GetCapturedStderr();
  for (const char* part : {"sample", "empty scene", "changes", "background", "moving objects"})
    EXPECT_TRUE(std::regex_search(told, std::regex(part + std::string(" ([0-9]+)/\\1 ")))) << part << " in\n" << told;
}

}  // namespace
}  // namespace retime

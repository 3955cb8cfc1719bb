#include "data/detect/blob_tracker.hpp"

#include <gtest/gtest.h>

#include "data/disc_scene.hpp"

namespace retime {
namespace {

using test::DiscScene;
using test::overlap;

constexpr int kMinArea = 100;

std::vector<Blob> blobs_of(const DiscScene& scene, int t) {
  cv::Mat everybody = cv::Mat::zeros(scene.size().height, scene.size().width, CV_8U);
  for (const auto& track : scene.tracks()) paint_mask(track.frames[static_cast<std::size_t>(t)], everybody);
  return find_blobs(scene.frame(t), everybody, kMinArea);
}

BlobTracker tracked(const DiscScene& scene) {
  BlobTracker tracker(scene.size(), 5, kMinArea);
  for (int t = 0; t < scene.count(); ++t) tracker.add(scene.frame(t), blobs_of(scene, t));
  return tracker;
}

double overlap_at(const DiscScene& scene, const TrackedObject& object, std::size_t disc, int t) {
  const auto found = object.frames.find(t);
  return found == object.frames.end() ? 0 : overlap(full_mask(found->second, scene.size()), scene.mask(disc, t));
}

TEST(BlobTracker, ObjectsThatCrossKeepTheirIdentities) {
  const DiscScene scene(24, {{{30, 60}, {6, 0}, 14, test::kRed}, {{168, 66}, {-6, 0}, 14, test::kBlue}}, 0.F);
  ASSERT_EQ(blobs_of(scene, 11).size(), 1U) << "they merge on the way";
  const auto objects = tracked(scene).objects();
  ASSERT_EQ(objects.size(), 2U);
  const std::size_t red = overlap_at(scene, objects[0], 0, 0) > 0.9 ? 0 : 1;
  for (const int t : {0, 6, 18, 23}) {
    EXPECT_GT(overlap_at(scene, objects[red], 0, t), 0.9) << t;
    EXPECT_GT(overlap_at(scene, objects[1 - red], 1, t), 0.9) << t;
  }
}

TEST(BlobTracker, WhoIsAwayTooLongHasEnded) {
  // The disc is gone in the middle of the picture, where nobody can leave, for longer than the tracker waits.
  const DiscScene scene(20, {{{60, 60}, {2, 0}, 14, test::kRed, 0, 7}}, 0.F);
  const auto objects = tracked(scene).objects();
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_TRUE(objects[0].ended);
  EXPECT_EQ(objects[0].last_seen, 7);
  EXPECT_EQ(objects[0].seen, 8);
}

}  // namespace
}  // namespace retime

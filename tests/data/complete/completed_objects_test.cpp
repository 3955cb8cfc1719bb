#include "data/complete/completed_objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "data/complete/walkers.hpp"
#include "data/masks/object_groups.hpp"

namespace retime {
namespace {

using test::crossing;
using test::kStreet;

constexpr SceneSizes kSizes{{120, 65}, kStreet};
constexpr std::size_t kMeeting = 20;

std::unique_ptr<ObjectSource> objects_of(std::vector<MaskTrack> tracks) {
  return std::make_unique<MaskObjects>(std::move(tracks), kSizes);
}

TEST(Completed, BodiesAreWholeAndWhatIsVisibleStays) {
  const auto walk = crossing();
  const auto objects = completed(objects_of(walk.visible), MasksShow::kAuto, kSizes, 10);
  const BoxMask& body = objects->tracks()[0].frames[kMeeting];
  EXPECT_GT(test::agreement(body, walk.whole[0].frames[kMeeting]), 0.85);
  EXPECT_EQ(objects->visible()[0].frames[kMeeting].area(), walk.visible[0].frames[kMeeting].area());
  const ObjectMaps maps = objects->maps(0, kMeeting);
  const auto mapped =
      std::count_if(maps.trimap.pixels.begin(), maps.trimap.pixels.end(), [](int v) { return v == 255; });
  EXPECT_GT(4 * mapped, 0.8 * body.area()) << "at half the size";
  EXPECT_EQ(objects->order().at(kMeeting), (std::vector<int>{0, 1}));
}

TEST(Completed, MasksOfWholeBodiesAreLeftAlone) {
  const auto walk = crossing();
  for (const auto shown : {MasksShow::kAuto, MasksShow::kWholeBodies}) {
    auto objects = objects_of(walk.whole);
    const ObjectSource* before = objects.get();
    EXPECT_EQ(completed(std::move(objects), shown, kSizes, 10).get(), before);
  }
  auto fragments = objects_of(walk.visible);
  const ObjectSource* before = fragments.get();
  EXPECT_EQ(completed(std::move(fragments), MasksShow::kWholeBodies, kSizes, 10).get(), before) << "the option decides";
}

TEST(Completed, WhoIsNeverSeenWholeIsToldThoughNothingIsCompleted) {
  const auto walk = crossing();
  auto never = walk.visible;
  for (std::size_t t = 0; t < never[0].frames.size(); ++t)
    if (t < kMeeting - 1 || t > kMeeting + 1) never[0].frames[t] = never[1].frames[t] = {};
  const auto objects = completed(objects_of(never), MasksShow::kVisibleParts, kSizes, 10);
  ASSERT_EQ(objects->tracks()[0].notes.size(), 1U);
  EXPECT_NE(objects->tracks()[0].notes[0].find("never seen whole"), std::string::npos);
}

TEST(Completed, TheFramesThatAreCompletedAreNamed) {
  const auto walk = crossing();
  const auto objects = completed(objects_of(walk.visible), MasksShow::kVisibleParts, kSizes, 10);
  std::vector<int> frames;
  for (int t = 0; t < 40; ++t)
    if (objects->tracks()[0].frames[static_cast<std::size_t>(t)].area() >
        walk.visible[0].frames[static_cast<std::size_t>(t)].area())
      frames.push_back(t);
  ASSERT_GT(frames.size(), 2U);
  ASSERT_EQ(objects->tracks()[0].notes.size(), 1U);
  EXPECT_THAT(objects->tracks()[0].notes[0],
              testing::HasSubstr("in " + counted(static_cast<int>(frames.size()), "frame") + " (" +
                                 frame_spans(frames) + "; "));
}

TEST(Completed, WhoIsAloneIsLeftAlone) {
  const auto walk = crossing();
  auto one = objects_of({walk.visible[0]});
  const ObjectSource* before = one.get();
  EXPECT_EQ(completed(std::move(one), MasksShow::kVisibleParts, kSizes, 10).get(), before);
}

TEST(Completed, GroupsKnowWhatIsVisible) {
  const auto walk = crossing();
  GroupedObjects grouped(completed(objects_of(walk.visible), MasksShow::kVisibleParts, kSizes, 10), {{0}, {1}}, kStreet,
                         10);
  EXPECT_EQ(grouped.visible()[0].frames[kMeeting].area(), walk.visible[0].frames[kMeeting].area());
  EXPECT_GT(grouped.tracks()[0].frames[kMeeting].area(), walk.visible[0].frames[kMeeting].area());
}

}  // namespace
}  // namespace retime

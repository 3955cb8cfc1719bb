#include "data/prepare/found_objects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "data/disc_scene.hpp"
#include "data/panning_scene.hpp"
#include "data/people/kept_variable.hpp"

namespace retime {
namespace {

using test::DiscScene;

/// No networks, whatever this machine has.
class WithoutNetworks : public test::KeepsModelsVariable {
 protected:
  WithoutNetworks() { ::setenv("RETIME_PEOPLE_MODELS", "/nowhere", 1); }
};

const DiscScene& two_discs() {
  static const DiscScene scene(40, {{{-20, 35}, {6, 0}, 14, test::kRed}, {{220, 95}, {-6, 0}, 14, test::kBlue}});
  return scene;
}

CameraRequest still_camera() { return {CameraMode::kStatic, {}, 0, false}; }

TEST_F(WithoutNetworks, WhatMovesIsFound) {
  for (const auto search : {ObjectSearch::kAuto, ObjectSearch::kMoving})
    EXPECT_EQ(found_objects(two_discs(), {search}, still_camera()).tracks.size(), 2U);
  EXPECT_EQ(found_objects(two_discs(), {ObjectSearch::kMoving, 1}, still_camera()).tracks.size(), 1U);
}

TEST_F(WithoutNetworks, PeopleCannotBeAskedFor) {
  EXPECT_THAT([] { found_objects(two_discs(), {ObjectSearch::kPeople}, still_camera()); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("tools/setup.sh")));
}

MaskTrack boxes(const std::string& name, const std::vector<cv::Rect>& places) {
  MaskTrack track{name, {}};
  for (const auto& place : places) track.frames.emplace_back(place, cv::Mat(place.size(), CV_8U, cv::Scalar(255)));
  return track;
}

TEST(UnitedObjects, WhoIsFoundBothWaysKeepsTheOutlineOfTheMotion) {
  const auto person = boxes("object_1", {{}, {10, 10, 20, 60}, {14, 10, 20, 60}});
  const auto motion = boxes("object_2", {{}, {10, 8, 20, 60}, {14, 8, 20, 60}});
  const auto dog = boxes("object_1", {{60, 40, 20, 20}, {60, 40, 20, 20}, {64, 40, 20, 20}});
  const auto objects = united_objects({person}, {dog, motion});
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].frames[0].box, cv::Rect(60, 40, 20, 20)) << "the dog was there first";
  EXPECT_EQ(objects[1].frames[1].box.y, 8);
  EXPECT_EQ(objects[1].name, "object_2");
}

TEST(UnitedObjects, TwoWhoMoveAsOneStayTwo) {
  const auto left = boxes("object_1", {{10, 10, 20, 60}}), right = boxes("object_2", {{31, 10, 12, 60}});
  const auto both = boxes("object_1", {{10, 10, 33, 60}});
  const auto objects = united_objects({left, right}, {both});
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].frames[0].box.width, 20);
  EXPECT_EQ(objects[1].frames[0].box.width, 12);
}

/// A box that walks past a person who stands at 100, both as tall as `size` tells, and what moves in that place: one
/// blob where they touch.
struct Passing {
  MaskTrack person{"object_1", {}, {"person"}}, motion{"object_1", {}, {"moves"}};

  explicit Passing(cv::Size size) {
    for (int t = 0; t < 40; ++t) {
      const cv::Rect standing(100, 20, 24, 60), walking({5 * t, 80 - size.height}, size);
      cv::Mat both = cv::Mat::zeros(100, 240, CV_8U);
      if (!(walking & standing).empty()) both(standing) = 255;
      both(walking) = 255;
      person.frames.emplace_back(standing, cv::Mat(standing.size(), CV_8U, cv::Scalar(255)));
      motion.frames.push_back(box_mask_from_full(both));
    }
  }
};

TEST(UnitedObjects, WhomNetworksMissedStaysOneThroughACrossing) {
  const Passing passing({14, 30});
  const auto objects = united_objects({passing.person}, {passing.motion});
  ASSERT_EQ(objects.size(), 2U);
  const MaskTrack& missed = objects[1];
  EXPECT_EQ(missed.notes, std::vector<std::string>{"moves"});
  EXPECT_EQ(missed.frames[5].box, cv::Rect(25, 50, 14, 30)) << "alone";
  EXPECT_EQ(missed.frames[18].box, cv::Rect(90, 50, 10, 30)) << "what the person leaves of it";
  EXPECT_TRUE(missed.frames[21].empty()) << "wholly within the person";
  EXPECT_EQ(missed.frames[35].box, cv::Rect(175, 50, 14, 30));
}

TEST(UnitedObjects, WhatMovesWithAPersonAllTheTimeIsNone) {
  const Passing passing({14, 30});
  auto shadow = passing.motion;
  for (std::size_t t = 0; t < shadow.frames.size(); ++t)
    if (t % 8 != 0) shadow.frames[t] = united_mask(shadow.frames[t], passing.person.frames[t]);
  EXPECT_EQ(united_objects({passing.person}, {shadow}).size(), 1U) << "it is the person for most of the time";
  for (std::size_t t = 0; t < 31; ++t) shadow.frames[t] = {};
  EXPECT_EQ(united_objects({passing.person}, {shadow}).size(), 1U) << "it is hardly ever alone";
}

TEST(UnitedObjects, WhatStandsWhereOthersPassIsNone) {
  Passing passing({14, 30});
  for (int t = 0; t < 40; ++t) {
    auto& motion = passing.motion.frames[static_cast<std::size_t>(t)];
    const BoxMask plant({180 + t % 2, 50, 14, 30}, cv::Mat(30, 14, CV_8U, cv::Scalar(255)));
    motion = t >= 12 && t < 34 ? united_mask(passing.person.frames[static_cast<std::size_t>(t)], plant) : plant;
  }
  EXPECT_EQ(united_objects({passing.person}, {passing.motion}).size(), 1U);
}

TEST(UnitedObjects, APieceElsewhereIsNotPartOfAPerson) {
  const auto person = boxes("object_1", {{10, 10, 20, 60}, {14, 10, 20, 60}});
  auto motion = boxes("object_1", {{10, 8, 20, 60}, {14, 8, 20, 60}});
  motion.frames[1] = united_mask(motion.frames[1], BoxMask({80, 50, 6, 16}, cv::Mat(16, 6, CV_8U, cv::Scalar(255))));
  const auto objects = united_objects({person}, {motion});
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].frames[1].box, cv::Rect(14, 8, 20, 60));
}

TEST(PeopleAndOthers, WhatGoesAlongWithAPersonIsNone) {
  const auto person = boxes("object_1", {{}, {10, 10, 20, 60}, {14, 10, 20, 60}});
  const auto shadow = boxes("object_1", {{}, {36, 60, 30, 10}, {40, 60, 30, 10}});
  const auto dog = boxes("object_2", {{100, 40, 20, 20}, {90, 40, 20, 20}, {44, 40, 20, 20}});
  const auto objects = people_and_others({person}, {shadow, dog});
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].frames[0].box, cv::Rect(100, 40, 20, 20));
  EXPECT_EQ(objects[1].frames[1].box.width, 20);
}

TEST_F(WithoutNetworks, WhatMovesBeforeAMovingCameraIsFound) {
  const test::PanningScene scene(18);
  const auto found =
      found_objects(scene, {.search = ObjectSearch::kAuto, .rate = 12}, {CameraMode::kAuto, {}, 0, false});
  ASSERT_EQ(found.tracks.size(), 1U);
  EXPECT_THAT(found.tracks[0].notes, testing::ElementsAre(testing::HasSubstr("moves")));
}

TEST_F(WithoutNetworks, NothingNeedBeFoundBesideMasks) {
  const DiscScene empty(12, {});
  const ObjectChoice choice{.search = ObjectSearch::kAuto, .may_find_none = true};
  EXPECT_TRUE(found_objects(empty, choice, still_camera()).tracks.empty());
}

}  // namespace
}  // namespace retime

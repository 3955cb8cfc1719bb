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

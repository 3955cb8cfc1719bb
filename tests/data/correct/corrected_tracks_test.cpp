#include "data/correct/corrected_tracks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/correct/box_tracks.hpp"
#include "data/correct/corrected_joints.hpp"
#include "data/correct/corrected_objects.hpp"
#include "data/correct/corrected_order.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

using test::corrected_boxes;
using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names_of(const CorrectedTracks& corrected) {
  std::vector<std::string> names;
  for (const auto& track : corrected.tracks) names.push_back(track.name);
  return names;
}

std::string refusal(const std::vector<CorrectionVerb>& verbs, MaskKind kind = MaskKind::kFree) {
  return message_of<Error>([&] { corrected_boxes(verbs, kind); });
}

RepairMask square(const std::string& object, FrameSpan frames, Repair repair) {
  return {object, frames, repair, {{60, 10}, {69, 10}, {69, 19}, {60, 19}}, {}};
}

TEST(CorrectedTracks, NothingIsChangedByNothing) {
  const auto corrected = corrected_boxes({});
  EXPECT_THAT(names_of(corrected), ElementsAre("object_1", "object_2", "object_3"));
  EXPECT_EQ(corrected.origin[2][3], 2);
  EXPECT_EQ(corrected.changes.size(), 0U);
}

TEST(CorrectedTracks, NamesAndWhatTheyStandForLater) {
  const auto corrected =
      corrected_boxes({RenameObject{"object_1", "left"}, RenameObject{"object_2", "object_1"}, RemoveObject{"left"}});
  EXPECT_THAT(names_of(corrected), ElementsAre("object_1", "object_3"));
  EXPECT_EQ(corrected.tracks[0].frames[0].box.x, 30);
  EXPECT_THAT(corrected.changes,
              ElementsAre("object_1 is called left", "object_2 is called object_1", "left is removed"));
  EXPECT_THAT(refusal({RenameObject{"object_1", "object_2"}}),
              HasSubstr("scene.edits.json, line 2: corrections[0] cannot be applied (there is an object 'object_2'"));
  EXPECT_THAT(refusal({RenameObject{"objct_2", "b"}}), HasSubstr("did you mean 'object_2'?"));
}

TEST(CorrectedTracks, WhoIsRemovedIsRemembered) {
  const auto corrected = corrected_boxes({RenameObject{"object_2", "dog"}, RemoveObject{"dog"}});
  ASSERT_EQ(corrected.removed.size(), 1U);
  EXPECT_EQ(corrected.removed[0].name, "dog");
  EXPECT_EQ(corrected.removed[0].frames[0].box.x, 30);
  EXPECT_TRUE(corrected_boxes({MergeObjects{{"object_1", "object_2"}, ""}}).removed.empty()) << "it lives on";
}

TEST(CorrectedTracks, MergedAreOneFromTheFirstToTheLast) {
  const auto corrected = corrected_boxes({MergeObjects{{"object_2", "object_3"}, "coach"}});
  EXPECT_THAT(names_of(corrected), ElementsAre("object_1", "coach"));
  EXPECT_EQ(last_frame(corrected.tracks[1]), 9);
  EXPECT_TRUE(corrected.tracks[1].frames[5].empty());
  EXPECT_EQ(corrected.origin[1][8], 2) << "its mask is that of the third";
}

TEST(CorrectedTracks, SplitTakesEveryFrameToOneSide) {
  const auto corrected = corrected_boxes({SplitObject{"object_1", "right", 4}});
  EXPECT_THAT(names_of(corrected), ElementsAre("object_1", "right", "object_2", "object_3"));
  EXPECT_EQ(last_frame(corrected.tracks[0]), 3);
  EXPECT_EQ(first_frame(corrected.tracks[1]), 4);
  EXPECT_THAT(corrected.cuts, ElementsAre(4));
  EXPECT_THAT(refusal({SplitObject{"object_3", "right", 6}}), HasSubstr("object_3 has masks in frames 6 to 9 only"));
  EXPECT_THAT(refusal({SplitObject{"object_2", "right", 5}}), HasSubstr("in frames 0 to 4 only"));
}

TEST(CorrectedTracks, PolygonsAddAndRemove) {
  const auto added = corrected_boxes({square("object_1", {2, 3}, Repair::kAdd)});
  EXPECT_EQ(added.tracks[0].frames[1].area(), 200);
  EXPECT_EQ(added.tracks[0].frames[2].area(), 300);
  EXPECT_EQ(added.origin[0][2], -1);
  EXPECT_EQ(added.origin[0][4], 0);
  EXPECT_THAT(added.changes, ElementsAre("mask of object_1 changed in 2 of 2 frames (frames 2 to 3)"));
  RepairMask half{"object_2", {0, 0}, Repair::kRemove, {{30, 20}, {39, 20}, {39, 29}, {30, 29}}, {}};
  EXPECT_EQ(corrected_boxes({half}).tracks[1].frames[0].box, cv::Rect(30, 30, 10, 10));
  EXPECT_THAT(refusal({RepairMask{"object_2", {0, 9}, Repair::kRemove, {{0, 0}, {99, 0}, {99, 59}, {0, 59}}, {}}}),
              HasSubstr("write {\"remove\": \"object_2\"}"));
}

TEST(CorrectedTracks, APictureIsMeantWhereItIsWhite) {
  const test::TemporaryFolder folder;
  Image picture(test::kBoxFrame, 1);
  std::fill_n(picture.row(40), 7, std::uint8_t{255});
  write_png(folder / "fix.png", picture);
  const RepairMask fix{"object_3", {6, 6}, Repair::kAdd, {}, folder / "fix.png"};
  EXPECT_EQ(corrected_boxes({fix}).tracks[2].frames[6].area(), 207);
}

TEST(CorrectedTracks, UnknownIsNoPartOfTheMask) {
  const auto corrected = corrected_boxes({square("object_1", {2, 3}, Repair::kUnknown)});
  EXPECT_EQ(corrected.tracks[0].frames[2].area(), 200);
  EXPECT_EQ(corrected.unknown[0][3].area(), 100);
  EXPECT_TRUE(corrected.unknown[0][4].empty());
}

TEST(CorrectedTracks, AWholePictureUnknownInAllFramesIsWarnedOfOnce) {
  const auto unknown = [](const std::string& object, FrameSpan frames, float left, float right) {
    const float bottom = test::kBoxFrame.height;
    return RepairMask{object, frames, Repair::kUnknown, {{left, 0}, {right, 0}, {right, bottom}, {left, bottom}}, {}};
  };
  EXPECT_EQ(corrected_boxes({unknown("object_1", {0, 9}, 0, 100), unknown("object_2", {0, 9}, 0, 100)}).warnings.size(),
            1U);
  EXPECT_EQ(corrected_boxes({unknown("object_1", {0, 9}, 0, 60), unknown("object_2", {0, 9}, 50, 100)}).warnings.size(),
            1U);
  EXPECT_EQ(corrected_boxes({unknown("object_1", {0, 6}, 0, 100), LeaveOutFrames{{7, 9}}}).warnings.size(), 1U);
  EXPECT_TRUE(corrected_boxes({unknown("object_1", {0, 8}, 0, 100)}).warnings.empty()) << "frame 9 is known";
  EXPECT_TRUE(corrected_boxes({unknown("object_1", {0, 9}, 0, 90)}).warnings.empty());
}

TEST(CorrectedTracks, LeftOutFramesTakeTheirMasksFromBothSides) {
  const auto corrected = corrected_boxes({LeaveOutFrames{{3, 4}}, LeaveOutFrames{{9, 9}}});
  EXPECT_THAT(corrected.left_out, ElementsAre(0, 0, 0, 1, 1, 0, 0, 0, 0, 1));
  EXPECT_EQ(corrected.tracks[0].frames[3].box, cv::Rect(13, 10, 10, 20)) << "on its way";
  EXPECT_EQ(corrected.tracks[0].frames[4].box, cv::Rect(14, 10, 10, 20));
  EXPECT_TRUE(corrected.tracks[1].frames[4].empty()) << "it is not there after them";
  EXPECT_EQ(corrected.tracks[0].frames[9].box, cv::Rect(18, 10, 10, 20)) << "nothing follows: it stays";
  EXPECT_TRUE(corrected.tracks[1].frames[9].empty()) << "it has gone before";
  EXPECT_THAT(refusal({LeaveOutFrames{{0, 8}}}), HasSubstr("fewer than two frames are left"));
}

TEST(CorrectedTracks, GroupsAreLayers) {
  const auto corrected = corrected_boxes({GroupObjects{{"object_1", "object_3"}, "pair"}});
  const auto layers = corrected_groups(corrected);
  EXPECT_THAT(layers.members, ElementsAre(ElementsAre(0, 2), ElementsAre(1)));
  EXPECT_THAT(layers.names, ElementsAre("pair", "object_2"));
  const auto unnamed = corrected_boxes({GroupObjects{{"object_1", "object_3"}, ""}, RenameObject{"object_3", "ball"}});
  EXPECT_EQ(unnamed.groups[0].name, "object_1+ball");
  EXPECT_TRUE(corrected_groups(corrected_boxes({})).members.empty());
  EXPECT_THAT(refusal({GroupObjects{{"object_1", "object_3"}, ""}, GroupObjects{{"object_1", "object_2"}, ""}}),
              HasSubstr("is in the group object_1+object_3 already"));
  EXPECT_THAT(refusal({GroupObjects{{"object_1", "object_3"}, "pair"}, RemoveObject{"pair"}}),
              HasSubstr("'pair' is a group): name one of its members"));
}

TEST(CorrectedTracks, TwoLayersOfOneNameAreRefused) {
  const GroupObjects unnamed{{"object_1", "object_2"}, ""};
  EXPECT_THAT(refusal({RenameObject{"object_3", "left+object_2"}, unnamed, RenameObject{"object_1", "left"}}),
              HasSubstr("line 4: corrections[2] cannot be applied (two layers would be called 'left+object_2')"));
  EXPECT_EQ(refusal({RenameObject{"object_3", "left+object_2"}, GroupObjects{unnamed.objects, "pair"},
                     RenameObject{"object_1", "left"}}),
            "");
}

TEST(CorrectedTracks, TheOrderHoldsAmongThoseThatAreNamed) {
  const auto corrected = corrected_boxes({OrderObjects{{"object_3", "object_1"}, {2, kLastFrame}}});
  const ObjectGroups layers{{0}, {1}, {2}};
  std::vector<std::vector<int>> order(10, {0, 1, 2});
  correct_order(corrected, layers, order);
  EXPECT_THAT(order[1], ElementsAre(0, 1, 2));
  EXPECT_THAT(order[2], ElementsAre(2, 1, 0));
  const auto known = known_depths(corrected);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(std::pair(known[0].behind, known[0].front), std::pair(2, 0));
  EXPECT_EQ(known[0].last, 9);
}

TEST(CorrectedTracks, ASplitObjectStandsInTheOrderThatWasGivenBefore) {
  const auto corrected =
      corrected_boxes({OrderObjects{{"object_3", "object_1"}, {0, kLastFrame}}, SplitObject{"object_1", "later", 4}});
  std::vector<std::vector<int>> order(10, {0, 1, 2, 3});
  correct_order(corrected, {{0}, {1}, {2}, {3}}, order);
  EXPECT_EQ(order[6].front(), 3) << "behind both parts";
}

TEST(CorrectedTracks, WhoHasNoMaskLeftIsRefused) {
  EXPECT_THAT(refusal({SplitObject{"object_1", "later", 3}, LeaveOutFrames{{0, 2}}, LeaveOutFrames{{5, 6}}}),
              HasSubstr("object_1 has no mask"));
}

TEST(CorrectedTracks, AGroupStandsInTheOrderForItsMembers) {
  const auto corrected = corrected_boxes(
      {GroupObjects{{"object_1", "object_2"}, "pair"}, OrderObjects{{"object_3", "pair"}, {0, kLastFrame}}});
  EXPECT_EQ(known_depths(corrected).size(), 2U);
  std::vector<std::vector<int>> order(10, {0, 1});
  correct_order(corrected, {{0, 1}, {2}}, order);
  EXPECT_THAT(order[0], ElementsAre(1, 0));
}

TEST(CorrectedTracks, JointsFollowTheirObject) {
  const auto corrected =
      corrected_boxes({FixJoints{"object_1", 7, {{kNose, cv::Point2f(5, 6)}, {kLeftEye, std::nullopt}}},
                       SplitObject{"object_1", "right", 4}, LeaveOutFrames{{2, 2}}});
  ObjectJoints joints(4, std::vector<CocoJoints>(10));
  joints[1][7][kLeftEye] = {1, 1, 1};
  joints[0][2][kNose] = {1, 1, 1};
  correct_joints(corrected, {{0}, {1}, {2}, {3}}, joints);
  EXPECT_EQ(joints[1][7][kNose].x, 5);
  EXPECT_EQ(joints[1][7][kNose].confidence, 1);
  EXPECT_FALSE(joints[1][7][kLeftEye].is_known());
  EXPECT_FALSE(joints[0][2][kNose].is_known()) << "frame 2 is left out";
  const auto people = cut_at_splits(corrected, {{2, std::vector<CocoJoints>(6)}, {5, std::vector<CocoJoints>(2)}});
  ASSERT_EQ(people.size(), 3U);
  EXPECT_EQ(people[0].end_frame(), 4);
  EXPECT_EQ(people[2].first_frame, 4);
  EXPECT_EQ(people[2].end_frame(), 8);
}

TEST(CorrectedTracks, MapsOfBodiesKeepTheirMasks) {
  EXPECT_THAT(refusal({RemoveObject{"object_1"}}, MaskKind::kOfBodyMaps), HasSubstr("maps of their bodies"));
  EXPECT_THAT(refusal({square("object_1", {0, 0}, Repair::kAdd)}, MaskKind::kOfBodyMaps), HasSubstr("maps of"));
  EXPECT_EQ(corrected_boxes({RenameObject{"object_1", "left"}}, MaskKind::kOfBodyMaps).tracks[0].name, "left");
}

TEST(CorrectedTracks, WhatWasSaidOfMergedObjectsHoldsForTheOne) {
  const auto corrected = corrected_boxes(
      {OrderObjects{{"object_2", "object_3", "object_1"}, {0, 1}}, MergeObjects{{"object_3", "object_2"}, ""}});
  EXPECT_THAT(names_of(corrected), ElementsAre("object_1", "object_3"));
  ASSERT_EQ(corrected.orders.size(), 1U);
  EXPECT_THAT(corrected.orders[0].objects, ElementsAre(ElementsAre(1), ElementsAre(0)));
  const auto alone =
      corrected_boxes({OrderObjects{{"object_2", "object_3"}, {0, 1}}, MergeObjects{{"object_3", "object_2"}, ""}});
  EXPECT_TRUE(alone.orders.empty());
}

}  // namespace
}  // namespace retime

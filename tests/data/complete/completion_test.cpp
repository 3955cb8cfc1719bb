#include "data/complete/completion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "data/complete/walkers.hpp"

namespace retime {
namespace {

using test::agreement;
using test::crossing;
using test::kStreet;
using test::Walk;
using testing::Each;
using testing::ElementsAre;

constexpr double kRate = 10;

/// What hides a part of the body of `object`: frames in which more than `share` of it is not visible.
std::vector<std::size_t> hidden_frames(const Walk& walk, std::size_t object, double share) {
  std::vector<std::size_t> frames;
  for (std::size_t t = 0; t < walk.whole[object].frames.size(); ++t)
    if (walk.visible[object].frames[t].area() < (1 - share) * walk.whole[object].frames[t].area()) frames.push_back(t);
  return frames;
}

TEST(Completion, HiddenPartsAreGivenBack) {
  const Walk walk = crossing();
  const auto done = complete_tracks(walk.visible, kStreet, kRate);
  const auto frames = hidden_frames(walk, 0, 0.1);
  ASSERT_GE(frames.size(), 4U);
  double before = 0, after = 0;
  for (const auto t : frames) {
    before += agreement(walk.visible[0].frames[t], walk.whole[0].frames[t]);
    const double share = agreement(done.tracks[0].frames[t], walk.whole[0].frames[t]);
    EXPECT_GT(share, 0.85) << "frame " << t;
    after += share;
  }
  EXPECT_LT(before / static_cast<double>(frames.size()), 0.65);
  EXPECT_GT(after / static_cast<double>(frames.size()), 0.92);
  EXPECT_GE(done.objects[0].frames.size(), frames.size());
}

TEST(Completion, OnlyWhatMasksInFrontCoverIsAdded) {
  const Walk walk = crossing();
  const auto done = complete_tracks(walk.visible, kStreet, kRate);
  for (int t = 0; t < 40; ++t) {
    const cv::Mat before = union_mask(walk.visible, t, kStreet), after = union_mask(done.tracks, t, kStreet);
    EXPECT_EQ(cv::norm(before, after, cv::NORM_INF), 0) << "frame " << t;
    EXPECT_EQ(done.tracks[1].frames[static_cast<std::size_t>(t)].area(),
              walk.visible[1].frames[static_cast<std::size_t>(t)].area())
        << "who is in front stays as he is";
  }
}

TEST(Completion, WhoIsInFrontMayBeKnown) {
  const Walk walk = crossing();
  const auto meeting = hidden_frames(walk, 0, 0.1);
  const int middle = static_cast<int>(meeting[meeting.size() / 2]);
  const auto done = complete_tracks(walk.visible, kStreet, kRate, false, {{1, 0, middle, middle}});
  for (const auto t : meeting) {
    EXPECT_EQ(done.order[t].back(), 0) << t;
    EXPECT_EQ(done.tracks[0].frames[t].area(), walk.visible[0].frames[t].area()) << "he is in front now";
  }
  const auto elsewhere = complete_tracks(walk.visible, kStreet, kRate, false, {{1, 0, 0, 0}});
  EXPECT_EQ(elsewhere.order[meeting.front()].back(), 1) << "frame 0 has nothing to do with it";
}

TEST(Completion, WhoIsHiddenWhollyIsThere) {
  const Walk walk({{40, 4}, {120, 0, 118, 70, true}}, 40);
  const auto frames = hidden_frames(walk, 0, 0.999);
  ASSERT_GE(frames.size(), 5U);
  const auto done = complete_tracks(walk.visible, kStreet, kRate);
  for (const auto t : frames) EXPECT_GT(agreement(done.tracks[0].frames[t], walk.whole[0].frames[t]), 0.75) << t;
  EXPECT_EQ(done.objects[0].hidden_count, static_cast<int>(frames.size()));
  EXPECT_EQ(done.objects[0].hidden_first, static_cast<int>(frames.front()));
}

TEST(Completion, MasksTellTheOrderWhereFeetTellAnother) {
  const Walk walk({{40, 4, 118}, {200, -4, 108}}, 40);  // the second is in front, though its feet are higher up
  const auto done = complete_tracks(walk.visible, kStreet, kRate);
  for (const auto t : hidden_frames(walk, 0, 0.1)) EXPECT_THAT(done.order[t], ElementsAre(0, 1)) << "frame " << t;
  EXPECT_TRUE(done.objects[1].frames.empty());
  EXPECT_GT(done.objects[0].share, 0.2);
}

TEST(Completion, WhoNeverTouchesStaysTheSame) {
  const Walk walk({{40, 1}, {200, -1}}, 20);
  const auto done = complete_tracks(walk.visible, kStreet, kRate);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(done.objects[i].frames.empty());
    for (std::size_t t = 0; t < 20; ++t) EXPECT_EQ(agreement(done.tracks[i].frames[t], walk.visible[i].frames[t]), 1);
  }
}

TEST(Completion, WhoIsNeverSeenWholeIsNamed) {
  Walk walk({{100, 0}, {112, 0}}, 12);
  const auto done = complete_tracks(walk.visible, kStreet, kRate);
  EXPECT_TRUE(done.objects[0].never_whole);
  EXPECT_FALSE(done.objects[1].never_whole);
  EXPECT_TRUE(done.objects[0].frames.empty());
}

// A guess of bodies, `aside` pixels from where they are.
BodyGuess guess_of(const Walk& walk, int aside) {
  return [&walk, aside](int object, int frame) -> std::optional<BodyEstimate> {
    BoxMask body = walk.whole[static_cast<std::size_t>(object)].frames[static_cast<std::size_t>(frame)];
    body.box.x += aside;
    return BodyEstimate{body, 0.9};
  };
}

TEST(Completion, AGuessCompletesWhoIsNeverSeenWhole) {
  const Walk walk({{100, 0}, {112, 0}}, 12);
  const auto done = complete_tracks(walk.visible, kStreet, kRate, false, {}, guess_of(walk, 0));
  EXPECT_TRUE(done.objects[0].never_whole);
  EXPECT_EQ(done.objects[0].guessed_frames, 12);
  for (std::size_t t = 0; t < 12; ++t)
    EXPECT_GT(agreement(done.tracks[0].frames[t], walk.whole[0].frames[t]), 0.95) << t;
  for (int t = 0; t < 12; ++t) {
    const cv::Mat before = union_mask(walk.visible, t, kStreet), after = union_mask(done.tracks, t, kStreet);
    EXPECT_EQ(cv::norm(before, after, cv::NORM_INF), 0) << "added is only what others cover";
  }
}

TEST(Completion, AGuessIsMixedWithSilhouettes) {
  const Walk walk({{40, 4}, {120, 0, 118, 70, true}}, 40);
  const auto alone = complete_tracks(walk.visible, kStreet, kRate);
  const auto both = complete_tracks(walk.visible, kStreet, kRate, false, {}, guess_of(walk, 0));
  double gain = 0;
  for (const auto t : hidden_frames(walk, 0, 0.5))
    gain += agreement(both.tracks[0].frames[t], walk.whole[0].frames[t]) -
            agreement(alone.tracks[0].frames[t], walk.whole[0].frames[t]);
  EXPECT_GT(gain, 0.02) << "a guess that is right helps, though it is not taken alone";
  EXPECT_EQ(agreement(both.tracks[0].frames[0], walk.whole[0].frames[0]), 1);
}

TEST(Completion, AGuessThatContradictsWhatIsSeenIsLeftOut) {
  const Walk walk({{100, 0}, {112, 0}}, 12);
  const auto done = complete_tracks(walk.visible, kStreet, kRate, false, {}, guess_of(walk, 25));
  EXPECT_EQ(done.objects[0].guessed_frames, 0);
  EXPECT_TRUE(done.objects[0].frames.empty());
}

}  // namespace
}  // namespace retime

#include "data/keypoints/frame_numbers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

// Each picture has one person whose nose is at x = 10 + its place in the list.
KeypointRecords records_of(const std::vector<std::string>& names) {
  RecordCollector collector;
  double x = 10;
  for (const auto& name : names) collector.add_person(name, {test::body_at(x++, 50)});
  return collector.finish("poses.json");
}

// The person of each frame by the place of its picture, -1 where nobody is.
std::vector<int> places(const KeypointRecords& records, const KeypointClip& clip) {
  std::vector<int> result;
  for (const auto& people : people_by_frame(records, clip))
    result.push_back(people.empty() ? -1 : static_cast<int>(people[0].joints[kNose].x) - 10);
  return result;
}

TEST(PeopleByFrame, NumbersCountFromZero) {
  EXPECT_THAT(places(records_of({"0.jpg", "3.jpg", "2.jpg"}), {5, {}, 0, 5}), ElementsAre(0, -1, 2, 1, -1));
}

TEST(PeopleByFrame, NumbersCountFromOneWhereTheLastFrameSaysSo) {
  EXPECT_THAT(places(records_of({"f_0002.png", "f_0005.png"}), {5, {}, 0, 5}), ElementsAre(-1, 0, -1, -1, 1));
}

TEST(PeopleByFrame, AsManyPicturesAsFramesAreThose) {
  EXPECT_THAT(places(records_of({"1000", "1010", "1005"}), {3, {}, 0, 3}), ElementsAre(0, 2, 1));
}

TEST(PeopleByFrame, NamesOfFramesDecide) {
  const KeypointClip clip{4, {"0011.png", "0012.png", "0013.png", "0014.png"}, 0, 4};
  EXPECT_THAT(places(records_of({"0012.jpg", "0014_keypoints.json"}), clip), ElementsAre(-1, 0, -1, 1));
}

TEST(PeopleByFrame, TheRangeThatIsTakenCountsFromItsBeginning) {
  EXPECT_THAT(places(records_of({"0.jpg", "4.jpg", "5.jpg", "9.jpg"}), {12, {}, 4, 3}), ElementsAre(1, 2, -1));
}

TEST(PeopleByFrame, PicturesOfAnotherClipAreRefused) {
  EXPECT_THAT(message_of<Error>([] {
                places(records_of({"0.jpg", "5.jpg"}), {5, {}, 0, 5});
              }),
              HasSubstr("poses.json has a picture 5.jpg (the clip has 5 frames)"));
  auto records = records_of({"0", "1"});
  records.is_positional = true;
  EXPECT_THAT(message_of<Error>([&] {
                places(records, {5, {}, 0, 5});
              }),
              HasSubstr("2 pictures without numbers (the clip has 5 frames)"));
}

}  // namespace
}  // namespace retime

#include "data/masks/object_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/masks/object_source.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr SceneSizes kSizes{{100, 50}, {200, 100}};

BoxMask box_at(cv::Rect box) {
  cv::Mat mask = cv::Mat::zeros(kSizes.full.height, kSizes.full.width, CV_8U);
  mask(box).setTo(255);
  return box_mask_from_full(mask);
}

/// Two overlapping boxes, the second lower and so in front, and a third one apart.
std::unique_ptr<ObjectSource> three_boxes() {
  return std::make_unique<MaskObjects>(
      std::vector<MaskTrack>{
          {"01", {box_at({20, 10, 40, 40})}}, {"02", {box_at({40, 20, 40, 60})}}, {"03", {box_at({120, 20, 20, 40})}}},
      kSizes);
}

/// Says in which order its objects are.
class Ordered final : public ObjectSource {
 public:
  explicit Ordered(std::vector<int> order) : order_(std::move(order)), inner_(three_boxes()) {}
  const std::vector<MaskTrack>& tracks() const override { return inner_->tracks(); }
  std::vector<std::vector<int>> order() const override { return {order_}; }
  int parts(int) const override { return 24; }
  ObjectMaps maps(int object, int frame) const override { return inner_->maps(object, frame); }

 private:
  std::vector<int> order_;
  std::unique_ptr<ObjectSource> inner_;
};

int part_at(const Image& iuv, int x, int y) { return iuv.row(y)[3 * x]; }

TEST(ParseGroups, NamesAreJoined) {
  const std::vector<std::string> names{"01", "02", "03", "anna"};
  EXPECT_THAT(parse_groups("02+anna", names), ElementsAre(ElementsAre(0), ElementsAre(1, 3), ElementsAre(2)));
  EXPECT_THAT(parse_groups("03+02, anna+01", names), ElementsAre(ElementsAre(3, 0), ElementsAre(2, 1)));
  EXPECT_THAT(parse_groups("", {"01", "02"}), ElementsAre(ElementsAre(0), ElementsAre(1)));
}

TEST(ParseGroups, WrongNamesAreToldWithTheRightOnes) {
  const std::vector<std::string> names{"01", "02", "anna"};
  EXPECT_THAT(message_of<UsageError>([&] { parse_groups("01+ana", names); }),
              AllOf(HasSubstr("'ana'"), HasSubstr("did you mean 'anna'"), HasSubstr("01, 02, anna")));
  EXPECT_THAT(message_of<UsageError>([&] { parse_groups("01+02,02+anna", names); }), HasSubstr("'02' twice"));
  EXPECT_THROW(parse_groups("01+", names), UsageError);
}

TEST(GroupedObjects, MasksAreUnited) {
  const GroupedObjects grouped(three_boxes(), {{0, 1}, {2}}, kSizes.full, 25);
  ASSERT_EQ(grouped.tracks().size(), 2U);
  EXPECT_EQ(grouped.tracks()[0].name, "01+02");
  EXPECT_EQ(grouped.tracks()[1].name, "03");
  EXPECT_EQ(grouped.tracks()[0].frames[0].box, cv::Rect(20, 10, 60, 70));
  EXPECT_EQ(mask_area(grouped.tracks()[0].frames[0]), 40 * 40 + 40 * 60 - 20 * 30);
}

TEST(GroupedObjects, MembersKeepTheirTexturesAndTheFrontOneShows) {
  const GroupedObjects grouped(three_boxes(), {{0, 1}, {2}}, kSizes.full, 25);
  EXPECT_EQ(grouped.parts(0), 2);
  const ObjectMaps maps = grouped.maps(0, 0);
  const Image& iuv = maps.iuv_full;
  EXPECT_EQ(part_at(iuv, 25, 15), 1);
  EXPECT_EQ(part_at(iuv, 70, 70), 2);
  EXPECT_EQ(part_at(iuv, 50, 30), 2) << "the lower one is in front";
  EXPECT_EQ(part_at(iuv, 130, 30), 0);
  EXPECT_EQ(maps.iuv.size, kSizes.training);
  EXPECT_EQ(part_at(grouped.maps(1, 0).iuv_full, 130, 30), 1);
  EXPECT_EQ(maps.trimap.row(15)[25], 255);
  EXPECT_EQ(maps.trimap.row(39)[25], 255);
  EXPECT_TRUE(grouped.order().empty());
}

TEST(GroupedObjects, AGivenOrderDecides) {
  const GroupedObjects grouped(std::make_unique<Ordered>(std::vector<int>{1, 2, 0}), {{0, 1}, {2}}, kSizes.full, 25);
  EXPECT_EQ(part_at(grouped.maps(0, 0).iuv_full, 50, 30), 1) << "the first member is in front of the second";
  EXPECT_EQ(part_at(grouped.maps(0, 0).iuv_full, 70, 70), 25);
  EXPECT_THAT(grouped.order(), ElementsAre(ElementsAre(1, 0))) << "where its frontmost member is";
  EXPECT_EQ(grouped.parts(0), 48);
}

TEST(GroupedObjects, TooManyTexturesAreRefused) {
  std::vector<MaskTrack> tracks;
  std::vector<int> all;
  for (int i = 0; i < 256; ++i) {
    tracks.push_back({std::to_string(i), {box_at({20, 10, 4, 4})}});
    all.push_back(i);
  }
  EXPECT_THAT(
      message_of<Error>([&] { GroupedObjects(std::make_unique<MaskObjects>(tracks, kSizes), {all}, kSizes.full, 25); }),
      HasSubstr("256 textures"));
}

}  // namespace
}  // namespace retime

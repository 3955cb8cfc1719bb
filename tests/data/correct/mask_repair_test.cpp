#include "data/correct/mask_repair.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "media/picture.hpp"

namespace retime {
namespace {

constexpr Size kPictured{40, 30};

RepairMask with_polygon(std::vector<cv::Point2f> polygon) {
  return {"a", {0, 0}, Repair::kAdd, std::move(polygon), {}};
}

BoxMask block(const cv::Rect& box) { return {box, cv::Mat(box.size(), CV_8U, cv::Scalar(255))}; }

TEST(RepairedArea, APolygonHoldsItsBorder) {
  const BoxMask area = repaired_area(with_polygon({{5, 6}, {14, 6}, {14, 9}, {5, 9}}), kPictured);
  EXPECT_EQ(area.box, cv::Rect(5, 6, 10, 4));
  EXPECT_EQ(area.area(), 40);
}

TEST(RepairedArea, APolygonIsCutAtThePicturesBorder) {
  EXPECT_EQ(repaired_area(with_polygon({{30, 20}, {90, 20}, {90, 70}, {30, 70}}), kPictured).box,
            cv::Rect(30, 20, 10, 10));
  EXPECT_TRUE(repaired_area(with_polygon({{50, 20}, {90, 20}, {90, 70}}), kPictured).empty());
}

// Of pixels of these values each, side by side in row 3.
BoxMask area_of(const std::vector<std::vector<int>>& pixels) {
  const test::TemporaryFolder folder;
  const int channels = static_cast<int>(pixels.front().size());
  Image picture(kPictured, channels);
  for (std::size_t x = 0; x < pixels.size(); ++x)
    for (std::size_t c = 0; c < pixels[x].size(); ++c)
      picture.row(3)[x * pixels[x].size() + c] = static_cast<std::uint8_t>(pixels[x][c]);
  write_png(folder / "fix.png", picture);
  return repaired_area({"a", {0, 0}, Repair::kAdd, {}, folder / "fix.png"}, kPictured);
}

TEST(RepairedArea, OfAPictureIsWhereAnyChannelIsBright) {
  EXPECT_EQ(area_of({{0}, {120}, {200}, {255}}).box, cv::Rect(2, 3, 2, 1));
  EXPECT_EQ(area_of({{0, 0, 0}, {0, 0, 255}, {255, 0, 0}, {90, 90, 90}}).box, cv::Rect(1, 3, 2, 1));
  EXPECT_EQ(area_of({{255, 255, 255, 0}, {255, 255, 255, 255}}).box, cv::Rect(1, 3, 1, 1)) << "what is clear is not";
}

TEST(RepairedArea, APictureThatCannotBeReadIsNamed) {
  const auto message = test::message_of<Error>([] {
    repaired_area({"a", {0, 0}, Repair::kAdd, {}, "no_such_folder/fix.png"}, kPictured);
  });
  EXPECT_NE(message.find("no_such_folder/fix.png"), std::string::npos) << message;
}

TEST(MaskWithout, TakesAwayWhatIsShared) {
  EXPECT_EQ(mask_without(block({5, 5, 10, 10}), block({10, 0, 20, 20})).box, cv::Rect(5, 5, 5, 10));
  EXPECT_EQ(mask_without(block({5, 5, 10, 10}), block({8, 8, 2, 2})).area(), 96);
  EXPECT_EQ(mask_without(block({5, 5, 10, 10}), block({20, 20, 5, 5})).area(), 100);
  EXPECT_TRUE(mask_without(block({5, 5, 10, 10}), block({0, 0, 40, 30})).empty());
}

}  // namespace
}  // namespace retime

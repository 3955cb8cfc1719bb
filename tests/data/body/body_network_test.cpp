#include "data/body/body_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "data/body/tiny_body_network.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TinyBodyNetwork;
using testing::HasSubstr;

constexpr Size kFrame{200, 160};

class BodyNetworkTest : public testing::Test {
 protected:
  BodyNetwork network() const { return BodyNetwork(tiny_.write(folder_ / "network.h5")); }

  test::TemporaryFolder folder_;
  TinyBodyNetwork tiny_;
};

TEST_F(BodyNetworkTest, PaintsTheSquareAboutTheJointsAtItsPlace) {
  tiny_.paint_everywhere(5);
  auto network = this->network();
  const auto joints = test::body_at(100, 80, 60);
  const auto crop = crop_around(joints);
  const auto map = network.map_of(joints, kFrame);
  ASSERT_TRUE(crop && map);
  EXPECT_NEAR(map->box.x, crop->left, 1.01);
  EXPECT_NEAR(map->box.y, crop->top, 1.01);
  EXPECT_NEAR(map->box.width, crop->side, 1.01);
  EXPECT_EQ(map->iuv.at<cv::Vec3b>(10, 10), cv::Vec3b(5, 128, 128));
  EXPECT_EQ(silhouette_of(*map).area(), map->box.area());
}

TEST_F(BodyNetworkTest, IsCutByTheFrameAndTellsNothingOutside) {
  tiny_.paint_everywhere(5);
  auto network = this->network();
  const auto map = network.map_of(test::body_at(0, 80, 60), kFrame);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->box.x, 0);
  EXPECT_FALSE(network.map_of(test::body_at(-500, 80, 60), kFrame));
  EXPECT_FALSE(network.map_of(CocoJoints{}, kFrame));
  tiny_.paint_everywhere(0);
  EXPECT_FALSE(this->network().map_of(test::body_at(100, 80, 60), kFrame)) << "nothing is the body";
}

TEST_F(BodyNetworkTest, MovesWithTheJoints) {
  auto network = this->network();
  tiny_.values("parameters/parts.bias")[0] = -1;  // a body here and there
  const auto map = this->network().map_of(test::body_at(100, 80, 60), kFrame);
  const auto moved = this->network().map_of(test::body_at(113, 88, 60), kFrame);
  ASSERT_TRUE(map && moved);
  EXPECT_EQ(moved->box, map->box + cv::Point(13, 8));
  EXPECT_LT(cv::norm(moved->iuv, map->iuv, cv::NORM_L1) / static_cast<double>(map->iuv.total()), 1);
}

TEST_F(BodyNetworkTest, OtherFilesAreRefusedInASentence) {
  EXPECT_THAT(message_of<Error>([&] { BodyNetwork("none.h5"); }), HasSubstr("none.h5"));
  tiny_.values("parameters/net.b1.weight");
  auto checkpoint = tiny_.checkpoint();
  std::erase_if(checkpoint.arrays, [](const auto& array) { return array.name == "parameters/net.b1.bias"; });
  write_checkpoint(folder_ / "part.h5", checkpoint);
  EXPECT_THAT(message_of<Error>([&] { BodyNetwork(folder_ / "part.h5"); }),
              testing::AllOf(HasSubstr("part.h5"), HasSubstr("parameters/net.b1.bias")));
  checkpoint.config = "[model]\nwidth = 16\n";
  write_checkpoint(folder_ / "fit.h5", checkpoint);
  EXPECT_THAT(message_of<Error>([&] { BodyNetwork(folder_ / "fit.h5"); }), HasSubstr("retime uv train"));
}

}  // namespace
}  // namespace retime

#include "data/body/body_guess.hpp"

#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "data/body/tiny_body_network.hpp"
#include "data/keypoints/walking_body.hpp"

namespace retime {
namespace {

constexpr Size kWide{200, 160};

class BodyGuessTest : public testing::Test {
 protected:
  std::shared_ptr<BodyNetwork> network() const {
    test::TinyBodyNetwork tiny;
    tiny.paint_everywhere(3);
    return std::make_shared<BodyNetwork>(tiny.write(folder_ / "network.h5"));
  }
  test::TemporaryFolder folder_;
};

TEST_F(BodyGuessTest, IsWhatTheNetworkPaintsOfTheJoints) {
  const auto body = test::body_at(90, 80, 60);
  const auto painter = network();
  const auto guess = body_guess(painter, {{CocoJoints{}, body}, {body, CocoJoints{}}}, kWide);
  const auto found = guess(0, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->body.box, silhouette_of(*painter->map_of(body, kWide)).box);
  EXPECT_TRUE(found->body.box.contains({90, 80}));
  EXPECT_TRUE(guess(1, 0));
}

TEST_F(BodyGuessTest, IsAsSureAsTheJointsAreOnAverage) {
  auto body = test::body_at(90, 80, 60);
  for (std::size_t joint = 0; joint < body.size(); ++joint) body[joint].confidence = joint < 8 ? 0.5F : 1;
  EXPECT_NEAR(body_guess(network(), {{body}}, kWide)(0, 0)->confidence, (8 * 0.5 + 9) / 17, 1e-6);
}

TEST_F(BodyGuessTest, OfWhomNothingIsKnownThereIsNone) {
  const auto guess = body_guess(network(), {{CocoJoints{}}}, kWide);
  EXPECT_FALSE(guess(0, 0));
}

TEST_F(BodyGuessTest, NeedsANetworkAndJoints) {
  EXPECT_FALSE(body_guess(nullptr, {{test::body_at(90, 80, 60)}}, kWide));
  EXPECT_FALSE(body_guess(network(), {}, kWide));
}

}  // namespace
}  // namespace retime

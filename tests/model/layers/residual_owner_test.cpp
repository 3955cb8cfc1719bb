#include "model/layers/residual_owner.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

constexpr std::int64_t kHigh = 80, kWide = 240;

class ResidualOwnerTest : public testing::Test {
 protected:
  ResidualOwnerTest() {
    torch::manual_seed(3);
    residual_ = torch::randn({3, kHigh, kWide});
    alphas_[0].slice(1, 20, 60).slice(2, 40, 60).fill_(1);
    alphas_[1].slice(1, 20, 60).slice(2, 160, 180).fill_(0.3);
  }
  int owner(std::int64_t x, std::int64_t y) const { return owner_slots(residual_, alphas_)[y][x].item<std::uint8_t>(); }

  torch::Tensor residual_, alphas_ = torch::zeros({2, 1, kHigh, kWide});
};

TEST_F(ResidualOwnerTest, ObjectsOwnWhatTheyCoverAndARim) {
  EXPECT_EQ(owner(50, 40), 1);
  EXPECT_EQ(owner(61, 40), 1);
  EXPECT_EQ(owner(170, 40), 2);
  EXPECT_EQ(owner(110, 40), 0);
  EXPECT_EQ(owner(50, 5), 0) << "noise connects nothing";
}

TEST_F(ResidualOwnerTest, AFaintRestBelongsToWhomItIsConnectedWith) {
  residual_.slice(1, 50, 60).slice(2, 60, 75) -= 2;    // from the first one's feet
  residual_.slice(1, 50, 60).slice(2, 100, 112) -= 2;  // from nobody's
  EXPECT_EQ(owner(72, 55), 1);
  EXPECT_EQ(owner(72, 30), 0);
  EXPECT_EQ(owner(106, 55), 0);
}

TEST_F(ResidualOwnerTest, ReachEnds) {
  residual_.slice(1, 50, 60).slice(2, 60, 130) -= 2;
  EXPECT_EQ(owner(70, 55), 1);
  EXPECT_EQ(owner(120, 55), 0);
}

TEST_F(ResidualOwnerTest, WhereNobodyIsNothingIsOwned) {
  alphas_ = torch::zeros({0, 1, kHigh, kWide});
  EXPECT_EQ(owner_slots(residual_, alphas_).max().item<std::uint8_t>(), 0);
  alphas_ = torch::zeros({2, 1, kHigh, kWide});
  EXPECT_EQ(owner_slots(residual_, alphas_).max().item<std::uint8_t>(), 0);
}

}  // namespace
}  // namespace retime

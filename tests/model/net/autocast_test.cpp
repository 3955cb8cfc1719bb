#include "model/net/autocast.hpp"

#include <gtest/gtest.h>

#include "dist/torch.hpp"

namespace retime {
namespace {

torch::ScalarType type_of_product() {
  const auto a = torch::ones({2, 2});
  return torch::mm(a, a).scalar_type();
}

TEST(Autocast, LeavesFlagAndTypeAsTheyWere) {
  const auto type = at::autocast::get_autocast_dtype(at::kCPU);
  at::autocast::set_autocast_dtype(at::kCPU, at::kHalf);
  {
    const Autocast outer(true, at::kCPU);
    EXPECT_EQ(type_of_product(), torch::kBFloat16);
  }
  EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));
  EXPECT_EQ(at::autocast::get_autocast_dtype(at::kCPU), at::kHalf);
  at::autocast::set_autocast_dtype(at::kCPU, type);
}

}  // namespace
}  // namespace retime

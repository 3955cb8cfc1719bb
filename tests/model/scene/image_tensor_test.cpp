#include "model/scene/image_tensor.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

TEST(Upload, OnCpusTensorsAreTheirOwn) {
  const auto indices = torch::tensor(std::vector<std::int64_t>{3, 1});
  const auto there = upload({indices, {}}, torch::kCPU);
  EXPECT_EQ(there.at(0).data_ptr(), indices.data_ptr()) << "nothing is copied";
  EXPECT_FALSE(there.at(1).defined());
}

TEST(Upload, TypesAndShapesArriveElsewhereInOneBuffer) {
  const auto there = upload({torch::ones({3}),
                             {},
                             torch::ones({2, 3}, torch::kLong),
                             torch::ones({0}),
                             torch::ones({1, 1, 5}, torch::kUInt8),
                             torch::ones({2}, torch::kDouble)},
                            torch::kMeta);
  ASSERT_EQ(there.size(), 6U);
  EXPECT_FALSE(there[1].defined());
  EXPECT_EQ(there[2].sizes(), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(there[2].scalar_type(), torch::kLong);
  EXPECT_EQ(there[3].numel(), 0);
  EXPECT_EQ(there[4].sizes(), (std::vector<std::int64_t>{1, 1, 5}));
  EXPECT_EQ(there[5].scalar_type(), torch::kDouble);
  for (const auto* tensor : {&there[0], &there[2], &there[4], &there[5]}) {
    EXPECT_TRUE(tensor->is_meta());
    EXPECT_TRUE(tensor->storage().is_alias_of(there[0].storage()));
  }
}

}  // namespace
}  // namespace retime

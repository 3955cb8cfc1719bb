#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "data/body/body_network.hpp"
#include "data/body/tiny_body_network.hpp"
#include "model/uv/uv_network.hpp"

namespace retime {
namespace {

double largest_difference(const torch::Tensor& expected, const cv::Mat& found) {
  const auto values = expected.contiguous();
  const float* first = values.data_ptr<float>();
  if (static_cast<std::size_t>(values.numel()) != found.total()) return 1e9;
  double largest = 0;
  for (std::size_t i = 0; i < found.total(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(first[i]) - found.ptr<float>()[i]));
  return largest;
}

// Every layer, the norms and the borders: the whole program must see what the training saw.
TEST(BodyNetwork, TellsWithoutLibTorchWhatItTellsWithIt) {
  const test::TemporaryFolder folder;
  const test::TinyBodyNetwork tiny;
  BodyNetwork network(tiny.write(folder / "network.h5"));
  auto expected = load_uv_network(tiny.checkpoint(), torch::kCPU);
  const torch::NoGradGuard guard;
  CocoJoints joints;
  for (std::size_t i = 0; i < joints.size(); ++i)
    joints[i] = {4.F + static_cast<float>(7 * i % 25), 1.F + static_cast<float>(i * 29 % 31), i == 4 ? 0 : 0.9F};
  const auto found = network.outputs(joints);
  const auto told = expected->forward(joint_planes(joints, test::TinyBodyNetwork::kSide).unsqueeze(0));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_GT(told.parts.std().item<double>(), 0.01) << "the test sees something";
  EXPECT_LT(largest_difference(told.parts, found[0]), 1e-4);
  EXPECT_LT(largest_difference(told.uv, found[1]), 1e-4);
}

}  // namespace
}  // namespace retime

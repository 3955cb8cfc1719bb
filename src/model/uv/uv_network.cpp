#include "model/uv/uv_network.hpp"

#include "model/state/model_state.hpp"

namespace retime {
namespace {

constexpr int kHeadFeatures = 2;  // that the heads read, in units of the width

}  // namespace

UvNetworkImpl::UvNetworkImpl(const UvConfig& config, std::shared_ptr<Collectives> collectives) {
  const int features = kHeadFeatures * config.width;
  net_ = register_module("net", UNet(config.model(), kJointPlanes, features, collectives));
  net_->freeze_biases_without_effect();
  parts_ = register_module("parts", torch::nn::Conv2d(torch::nn::Conv2dOptions(features, 1 + kBodyParts, 1)));
  uv_ = register_module("uv", torch::nn::Conv2d(torch::nn::Conv2dOptions(features, 2 * kBodyParts, 1)));
}

UvPrediction UvNetworkImpl::forward(const torch::Tensor& planes, const torch::Tensor& row_weight) {
  const auto features = torch::relu(net_->forward(planes, row_weight));
  const auto uv = uv_->forward(features).to(torch::kFloat);
  return {parts_->forward(features).to(torch::kFloat), uv.view({uv.size(0), kBodyParts, 2, uv.size(2), uv.size(3)})};
}

torch::Tensor joint_planes(const CocoJoints& joints, int size) {
  auto planes = torch::empty({kJointPlanes, size, size});
  draw_joints(joints, size, {planes.data_ptr<float>(), static_cast<std::size_t>(planes.numel())});
  return planes;
}

torch::Tensor painted_iuv(const UvPrediction& prediction, std::int64_t row) {
  const torch::NoGradGuard guard;
  const auto part = prediction.parts[row].argmax(0, /*keepdim=*/true);  // [1, S, S]
  const auto channel = (part - 1).clamp_min(0).unsqueeze(1).expand({1, 2, part.size(1), part.size(2)});
  const auto uv = prediction.uv[row].gather(0, channel)[0].clamp(0, 1).mul(255).round();  // [2, S, S]
  return torch::cat({part, torch::where(part > 0, uv, torch::zeros_like(uv)).to(torch::kLong)})
      .to(torch::kByte)
      .to(torch::kCPU);
}

UvNetwork load_uv_network(const Checkpoint& checkpoint, torch::Device device) {
  UvNetwork network(UvConfig::from_text(checkpoint.config), std::make_shared<Collectives>());
  load_module(*network, checkpoint);
  move_module(*network, device);
  network->eval();
  return network;
}

}  // namespace retime

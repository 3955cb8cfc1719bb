#pragma once

#include <memory>
#include <vector>

#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "format/image.hpp"
#include "model/config/uv_config.hpp"
#include "model/net/unet.hpp"
#include "pose/joint_picture.hpp"

namespace retime {

/// What the network says of pictures of joints.
struct UvPrediction {
  torch::Tensor parts;  ///< [B, 25, S, S], before softmax
  torch::Tensor uv;     ///< [B, 24, 2, S, S], U and V of each part
};

/// From joints to the map of a body, also where it is hidden: the renderer's U-Net with two heads, 1x1 convolutions
/// that tell the class of the part, and U, V in each part ([0066-0068], [0098]).
class UvNetworkImpl : public torch::nn::Module {
 public:
  UvNetworkImpl(const UvConfig& config, std::shared_ptr<Collectives> collectives);
  /// `planes` [B, kJointPlanes, S, S] as `draw_joints` makes them; `row_weight` [B] as for norms.
  UvPrediction forward(const torch::Tensor& planes, const torch::Tensor& row_weight = {});

 private:
  UNet net_{nullptr};
  torch::nn::Conv2d parts_{nullptr}, uv_{nullptr};
};
TORCH_MODULE(UvNetwork);

/// Joints as a picture for the network, [kJointPlanes, size, size] on the host.
torch::Tensor joint_planes(const CocoJoints& joints, int size);

/// [3, S, S] uint8 on the host: the likeliest part, U * 255, V * 255 of it; 0 where no body is likelier.
torch::Tensor painted_iuv(const UvPrediction& prediction, std::int64_t row);

/// The network of a checkpoint of `retime uv train`, or of a network that was taken out of one, in evaluation mode.
/// Throws Error.
UvNetwork load_uv_network(const Checkpoint& checkpoint, torch::Device device);

}  // namespace retime

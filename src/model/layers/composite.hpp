#pragma once

#include "dist/torch.hpp"

namespace retime {

/// Back-to-front "over" ([0041-0042]). `background` is [..., C, H, W]; `layers` is [..., N, C + 1, H, W], straight
/// colour (or whatever else is laid over each other) and alpha in [0, 1], back to front. Returns [..., C, H, W].
torch::Tensor over(const torch::Tensor& background, const torch::Tensor& layers);

/// Share of each layer in the composite: alpha times what the layers in front of it let through. `alpha` is
/// [B, N, H, W], back to front. Returns [B, N + 1, H, W]; the first entry is the background's share; they add up to 1.
torch::Tensor over_weights(const torch::Tensor& alpha);

/// How the alphas of the object layers are joined before the sparsity loss.
enum class AlphaComposite { kTrue, kSquared };

/// [B, N, H, W] back to front -> [B, H, W]. kTrue: 1 - prod(1 - a). kSquared: A <- a^2 + (1 - a) A, as the released
/// code computes it.
torch::Tensor composite_alpha(const torch::Tensor& alpha, AlphaComposite kind);

}  // namespace retime

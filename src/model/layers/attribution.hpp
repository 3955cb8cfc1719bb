#pragma once

#include <vector>

#include "dist/torch.hpp"
#include "model/layers/effect_prior.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/sampler.hpp"

namespace retime {

/// How far difference mattes can be trusted, from visibility as scenes store it ([S, 1, H, W] in [0, 1]): each of the
/// three in [0, 1], together 1.
struct MatteTrust {
  torch::Tensor known;      ///< the matte is right
  torch::Tensor contested;  ///< an effect that belongs to this object or to another one (visibility 0.5)
  torch::Tensor hidden;     ///< something in front hides what is there (visibility 0)
};
MatteTrust matte_trust(const torch::Tensor& visibility);

/// What a network has to be told, and learns, about one object layer of one frame when its matte is to be completed.
struct CompletionInput {
  torch::Tensor known;      ///< [S, 1, H, W]: where the matte is given
  torch::Tensor contested;  ///< [S, 1, H, W]: where an effect is shown whose owner is to be found
  torch::Tensor total;      ///< [S, 4, H, W]: that effect, premultiplied, whoever's it is
  torch::Tensor share;      ///< [S, 1, H, W] in [0, 1]: what the effect prior gives this object of it
  torch::Tensor matte;      ///< [S, 4, H, W]: the mattes, after contests that the effect prior settles
  torch::Tensor trusted;    ///< [S, 1, H, W]: where those are right, also where nothing is told about it
  torch::Tensor claim;      ///< [S, 1, H, W] in [0, 1]: the share of it that is this object's, where that is known ...
  torch::Tensor claim_weight;  ///< ... and its weight, 0 where it is not known
};

/// The input for a batch as it is. `expected` are the depths of effects ([S, 1, H, W], see EffectPrior): where they
/// leave one claimant only, the effect is known to be that object's.
CompletionInput completion_input(const Batch& batch, const torch::Tensor& expected);

/// Hides pieces and stages contests as `occlusion` says: known effects of another object of the same frame are moved
/// next to this one's, the owners of both being known.
void simulate(const Batch& batch, const torch::Tensor& expected, const Occlusion& occlusion, CompletionInput& input);

/// The logit of each slot's claim: what the renderer adds ([S, 5, H, W], its last channel) to the prior's share.
torch::Tensor claim_logits(const torch::Tensor& logits, const torch::Tensor& share);

/// Layers from the renderer's five channels at any size: the matte where it is known, a share of the contested effects,
/// and what is painted where the object is hidden. `logits` is [S, 5, H, W]: colour and alpha before the tanh, and what
/// is added to the logit of the prior's share; of `maps`, mattes and visibility count; `expected` is [S, 1, H, W], see
/// `EffectPrior`. The alpha of a contested effect of total alpha a is
/// split as 1 - (1 - a)^share, so that laying the shares over each other gives the whole again. Returns [S, 4, H, W],
/// colour in [-1, 1].
torch::Tensor assemble_layers(const torch::Tensor& logits, const SlotMaps& maps, const torch::Tensor& expected,
                              const Batch& batch);

/// Boxes of bodies [S, 1, H, W] bool: [S, 4] left, top, right, bottom in [-1, 1]; empty ones have left > right.
torch::Tensor boxes_of(const torch::Tensor& bodies);

/// How pictures are resampled by `place`.
enum class Placing { kMirroredNearest, kBilinear };

/// Copies of `pictures` [S, C, H, W], whose objects lie in `source` [S, 4], to `placements` ([S, 3]: scale, x, y, see
/// Placement) relative to `target` [S, 4]; zero around them.
torch::Tensor place(const torch::Tensor& pictures, const torch::Tensor& source, const torch::Tensor& target,
                    const torch::Tensor& placements, Placing placing);

/// The bodies and a pixel around them: [S, 1, H, W] float.
torch::Tensor with_edge(const torch::Tensor& bodies);

}  // namespace retime

#pragma once

#include "core/options.hpp"

namespace retime {

enum class NormKind { kBatch, kSyncBatch, kInstance, kGroup };
inline const Choices<NormKind> kNorms{{"batch", NormKind::kBatch},
                                      {"sync_batch", NormKind::kSyncBatch},
                                      {"instance", NormKind::kInstance},
                                      {"group", NormKind::kGroup}};
/// Whether a norm takes its statistics over the rows of a batch, and running averages in rendering.
constexpr bool is_batch_norm(NormKind kind) { return kind == NormKind::kBatch || kind == NormKind::kSyncBatch; }

enum class FirstActivation { kRelu, kLeaky };
enum class OutputConvolution { kConv, kTranspose };

/// What layer 0 is.
enum class BackgroundKind {
  kPlate,   ///< a learnable picture
  kNeural,  ///< a texture seen through the renderer
};
inline const Choices<BackgroundKind> kBackgrounds{{"plate", BackgroundKind::kPlate},
                                                  {"neural", BackgroundKind::kNeural}};

/// How the network makes the layers.
enum class LayerOutputKind {
  kDirect,      ///< it paints each layer
  kCorrection,  ///< it corrects the layer's difference matte
  kCompletion,  ///< it paints what the matte does not know
};
inline const Choices<LayerOutputKind> kLayerOutputs{{"direct", LayerOutputKind::kDirect},
                                                    {"correction", LayerOutputKind::kCorrection},
                                                    {"completion", LayerOutputKind::kCompletion}};

/// What the model is: changing any of these makes another network, which an older checkpoint does not fit.
struct ModelOptions {
  int width = 16;  ///< channels after the first convolution (published: 64)
  NormKind norm = NormKind::kGroup;
  int bottleneck_dilation = 2;                                      ///< released code: 2, patent text: 1
  FirstActivation first_activation = FirstActivation::kRelu;        ///< released code: relu, patent text: leaky
  OutputConvolution output_convolution = OutputConvolution::kConv;  ///< released code: conv, patent text: transpose
  int texture_channels = 16;
  int texture_size = 32;             ///< texels along each side of a body part's tile
  int background_texture_size = 16;  ///< texels along each side of the neural background
  bool object_id = false;            ///< released code: one more input channel, the object's number on its body
  BackgroundKind background = BackgroundKind::kPlate;
  LayerOutputKind layer_output = LayerOutputKind::kCompletion;
  int background_modes = 0;  ///< pictures that let the background change smoothly over time; 0: none
  /// textures start from the colours seen in the frames, in their first three channels; where the network paints a
  /// body (completion), it changes these
  bool observed_textures = true;
  bool effect_prior = true;  ///< whose effects are is told by where each object's lie over the clip
  bool skip_absent = true;   ///< do not render an object in frames it is not in

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

}  // namespace retime

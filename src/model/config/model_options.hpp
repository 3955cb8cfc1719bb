#pragma once

#include <string>

#include "core/options.hpp"

namespace retime {

/// What the model is: changing any of these makes another network, which an older checkpoint does not fit.
struct ModelOptions {
  int width = 16;                           ///< channels after the first convolution (published: 64)
  std::string norm = "group";               ///< batch, sync_batch, instance or group
  int bottleneck_dilation = 2;              ///< released code: 2, patent text: 1
  std::string first_activation = "relu";    ///< released code: relu, patent text: leaky
  std::string output_convolution = "conv";  ///< released code: conv, patent text: transpose
  int texture_channels = 16;
  int texture_size = 32;             ///< texels along each side of a body part's tile
  int background_texture_size = 16;  ///< texels along each side of the neural background
  bool object_id = false;            ///< released code: one more input channel, the object's number on its body
  std::string background = "plate";  ///< plate: a learnable picture; neural: a texture through the renderer
  /// direct: the network paints the layer; correction: it corrects the matte; completion: it paints what the matte does
  /// not know
  std::string layer_output = "completion";
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

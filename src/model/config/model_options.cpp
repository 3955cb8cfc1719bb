#include "model/config/model_options.hpp"

#include "core/options.hpp"

namespace retime {

void ModelOptions::add_to(OptionTable& table) {
  const std::string section = "model";
  table.add(section, "width", width, "channels after the renderer's first convolution; published: 64");
  table.add_choice(section, "norm", norm, kNorms,
                   "normalisation in the renderer; batch statistics are per rank, sync_batch over all ranks");
  table.add(section, "bottleneck-dilation", bottleneck_dilation, "dilation of the two middle convolutions: 1 or 2");
  table.add_choice(section, "first-activation", first_activation,
                   {{"relu", FirstActivation::kRelu}, {"leaky", FirstActivation::kLeaky}},
                   "after the first convolution");
  table.add_choice(section, "output-convolution", output_convolution,
                   {{"conv", OutputConvolution::kConv}, {"transpose", OutputConvolution::kTranspose}},
                   "the last layer");
  table.add(section, "texture-channels", texture_channels, "channels of the neural textures");
  table.add(section, "texture-size", texture_size, "texels along each side of a body part's tile");
  table.add(section, "background-texture-size", background_texture_size,
            "texels along each side of the neural background texture");
  table.add(section, "object-id", object_id, "give the renderer the object's number, on its body, as one more channel");
  table.add_choice(section, "background", background, kBackgrounds,
                   "layer 0 is a learnable picture, or a neural texture seen through the renderer");
  table.add_choice(
      section, "layer-output", layer_output, kLayerOutputs,
      "the network paints each layer itself, corrects its difference matte, or paints what that does not know");
  table.add(section, "background-modes", background_modes,
            "pictures that let the background change smoothly over time; 0: none");
  table.add(section, "observed-textures", observed_textures,
            "textures start from the colours seen in the frames, in their first three channels; with layer-output "
            "completion the network paints changes to them");
  table.add(section, "effect-prior", effect_prior,
            "whose contested effects are is first told from where each object's effects lie over the whole clip "
            "(layer-output completion)");
  table.add(section, "skip-absent", skip_absent, "render an object only in frames that show it");
}

void ModelOptions::validate() const {
  require(width >= 4 && width <= 512 && width % 4 == 0, "width must be a multiple of 4 from 4 to 512");
  require(bottleneck_dilation == 1 || bottleneck_dilation == 2, "bottleneck-dilation must be 1 or 2");
  require(texture_channels >= 1 && texture_channels <= 256, "texture-channels must be 1 to 256");
  require(texture_size >= 2 && texture_size <= 1024, "texture-size must be 2 to 1024 texels");
  require(background_modes >= 0 && background_modes <= 64, "background-modes must be 0 to 64");
  require(background_texture_size >= 2 && background_texture_size <= 4096,
          "background-texture-size must be 2 to 4096 texels");
}

}  // namespace retime

#include "model/config/render_options.hpp"

namespace retime {

void UpsampleOptions::add_to(OptionTable& table) {
  const std::string section = "upsample";
  table.add(section, "upsample-epochs", epochs,
            "passes over the clip for the upsampling network; 0: layers are enlarged bilinearly");
  table.add(section, "upsample-width", width, "channels of the upsampling network; published: 64");
  table.add_choice(section, "upsample-norm", norm, kUpsampleNorms,
                   "statistics over batches that become constants half way, or of each window (layer, when rendering)");
  table.add(section, "upsample-residual-scale", residual_scale, "times the network's output; released code: 0.01");
  table.add(section, "upsample-crop", crop, "side of the windows it is trained on, pixels of the full size");
  table.add(section, "upsample-batch-frames", batch_frames, "frames in a step, over all ranks");
  table.add(section, "upsample-learning-rate", learning_rate, "step size of Adam");
  table.add(section, "upsample-decay", decay, "let the learning rate fall to a tenth until the last epoch");
}

void UpsampleOptions::validate() const {
  require(epochs >= 0, "upsample-epochs must not be negative");
  require(width >= 4 && width <= 512 && width % 4 == 0, "upsample-width must be a multiple of 4 from 4 to 512");
  require(residual_scale > 0, "upsample-residual-scale must be positive");
  require(crop >= 32 && crop % 4 == 0, "upsample-crop must be a multiple of 4 from 32 pixels");
  require(batch_frames >= 1, "upsample-batch-frames must be at least 1");
  require(learning_rate > 0, "upsample-learning-rate must be positive");
}

void RenderOptions::add_to(OptionTable& table) {
  const std::string section = "render";
  table.add(section, "block-frames", block_frames, "frames in a block file of layers.h5");
  table.add(section, "alpha-floor", alpha_floor, "alphas closer than this to 0 or 1 become 0 or 1");
  table.add_choice(
      section, "detail", detail, kDetailTransfers,
      "what becomes of what the layers miss of the frames: beside: kept beside the layers; others: handed to them");
  table.add(section, "tile", tile,
            "side of the tiles in which the upsampling network works, pixels: memory, not pictures");
}

void RenderOptions::validate() const {
  require(block_frames >= 1, "block-frames must be at least 1");
  require(alpha_floor >= 0 && alpha_floor < 0.5, "alpha-floor must be from 0 to below 0.5");
  require(tile >= 32, "tile must be at least 32 pixels");
}

}  // namespace retime

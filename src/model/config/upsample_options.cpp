#include "model/config/upsample_options.hpp"

#include "core/options.hpp"

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

}  // namespace retime

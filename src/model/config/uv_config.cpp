#include "model/config/uv_config.hpp"

#include "core/error.hpp"

namespace retime {

UvConfig::UvConfig() {
  train.epochs = train.decay_epochs = 60;
  train.batch_frames = 16;
  train.checkpoint_epochs = 5;
}

void UvConfig::add_to(OptionTable& table) {
  const std::string section = "uv";
  table.add(section, "uv-size", size, "side of the pictures that the network reads and paints, pixels");
  table.add(section, "uv-width", width, "channels after its first convolution");
  table.add(section, "pairs", pairs,
            "bodies that an epoch draws anew (with pairs-from: takes at random), and trains on once");
  table.add(
      section, "pairs-from", pairs_from,
      "folder of real people in the released layout (keypoints.json, iuv), to learn from instead of drawn bodies");
  table.add(section, "uv-weight", uv_weight, "of the error of U and V beside the cross-entropy of the parts");
  train.add_engine_to(table);
}

void UvConfig::validate() const {
  require(size >= 32 && size <= 512 && size % 32 == 0, "uv-size must be a multiple of 32 from 32 to 512");
  require(width >= 4 && width <= 256 && width % 4 == 0, "uv-width must be a multiple of 4 from 4 to 256");
  require(pairs >= train.batch_frames, "pairs must be at least batch-frames");
  require(uv_weight >= 0, "uv-weight must not be negative");
  train.validate();
}

ModelOptions UvConfig::model() const {
  ModelOptions options;
  options.width = width;
  options.norm = NormKind::kSyncBatch;
  options.bottleneck_dilation = 1;
  return options;
}

std::string UvConfig::text() const {
  UvConfig copy = *this;
  OptionTable table;
  copy.add_to(table);
  return table.dump();
}

UvConfig UvConfig::from_text(const std::string& text) {
  if (text.find("[uv]") == std::string::npos)
    throw Error("this is a fit of layers and no keypoint-to-UV network: name what `retime uv train` has made");
  UvConfig config;
  OptionTable table;
  config.add_to(table);
  table.read_text(text, "the configuration of the keypoint-to-UV network");
  return config;
}

}  // namespace retime

#pragma once

#include <string>

#include "model/config/fit_options.hpp"

namespace retime {

/// How the keypoint-to-UV network ([0066-0068], [0098]) is made and trained. Its U-Net is that of the renderer.
struct UvConfig {
  int size = 96;           ///< side of the pictures that it reads and paints, pixels
  int width = 16;          ///< channels after the first convolution
  int pairs = 512;         ///< that an epoch draws anew, and trains on once
  double uv_weight = 2;    ///< of the L1 of U and V beside the cross-entropy of the parts
  std::string pairs_from;  ///< folder of real people to learn from (keypoints.json, iuv), instead of drawn ones
  TrainOptions train;      ///< only what every fit has

  UvConfig();
  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
  /// The U-Net's.
  ModelOptions model() const;
  /// All values as INI text.
  std::string text() const;
  /// Reads what `text` wrote.
  static UvConfig from_text(const std::string& text);
};

}  // namespace retime

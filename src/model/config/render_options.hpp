#pragma once

#include <string>

#include "core/options.hpp"

namespace retime {

/// How layers are rendered from a fit. Kept with the fit, so that each reading of the method is rendered as it says.
struct RenderOptions {
  int block_frames = 16;
  double alpha_floor = 0.01;     ///< alphas closer than this to 0 or 1 become 0 or 1
  std::string detail = "exact";  ///< how what the layers miss of the frames is handed to them: see DetailTransfer
  int tile = 512;                ///< side of the tiles in which the upsampling network works, pixels
  std::string scene;             ///< instead of the scene that the run names
  bool show_progress = true;

  void add_to(OptionTable& table);
  void validate() const;
};

}  // namespace retime

#include "model/config/render_options.hpp"

#include "core/options.hpp"

namespace retime {

void RenderOptions::add_to(OptionTable& table) {
  const std::string section = "render";
  table.add(section, "block-frames", block_frames, "frames in a block file of layers.h5");
  table.add(section, "alpha-floor", alpha_floor, "alphas closer than this to 0 or 1 become 0 or 1");
  table.add_choice(section, "detail", detail, kDetailTransfers,
                   "how what the layers miss of the frames is handed to them");
  table.add(section, "tile", tile,
            "side of the tiles in which the upsampling network works, pixels: memory, not pictures");
}

void RenderOptions::validate() const {
  require(block_frames >= 1, "block-frames must be at least 1");
  require(alpha_floor >= 0 && alpha_floor < 0.5, "alpha-floor must be from 0 to below 0.5");
  require(tile >= 32, "tile must be at least 32 pixels");
}

}  // namespace retime

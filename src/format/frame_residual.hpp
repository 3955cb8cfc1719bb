#pragma once

#include <cstdint>
#include <vector>

#include "format/image.hpp"

namespace retime {

/// What the layers of a frame miss of it. `values` [H, W, 3] is the frame minus its layers laid over each other, as
/// 8-bit pictures, modulo 256: added modulo 256 it gives the frame back, whatever it is; scaled it is taken for what is
/// signed. `owner` [H, W, 1] is 0, or the object layer whose faint rest the residual of a pixel may be.
struct FrameResidual {
  std::vector<std::int8_t> values;
  Image owner;
};

}  // namespace retime

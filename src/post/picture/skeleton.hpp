#pragma once

#include <array>
#include <cstdint>

#include "format/image.hpp"
#include "pose/joints.hpp"

namespace retime {

/// Draws the limbs and joints of a person into an RGB picture, in whose pixels the joints are. What is hardly known
/// (confidence below 0.1) is left out, what is less sure is fainter.
void draw_skeleton(Image& rgb, const CocoJoints& joints, const std::array<std::uint8_t, 3>& color);

}  // namespace retime

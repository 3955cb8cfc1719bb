#pragma once

#include "data/background/plate.hpp"
#include "data/decode/frame_sequence.hpp"

namespace retime {

/// A plate of a static camera's clip of which nothing is known yet: people who stand for most of the clip are
/// recognised as such, because the outline where frame and plate differ is an edge of the plate and not of the frame.
/// Takes at most `samples` frames.
Plate bootstrap_plate(const FrameSequence& source, int samples);

}  // namespace retime

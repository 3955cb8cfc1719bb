#pragma once

#include <memory>

#include "data/body/body_network.hpp"
#include "data/complete/completion.hpp"
#include "data/keypoints/object_keypoints.hpp"

namespace retime {

/// Whole bodies of people whose joints are known (in pixels of frames of `size`), as `network` paints them; as sure as
/// the joints are on average. Empty without a network or without joints.
BodyGuess body_guess(std::shared_ptr<BodyNetwork> network, ObjectJoints joints, Size size);

}  // namespace retime

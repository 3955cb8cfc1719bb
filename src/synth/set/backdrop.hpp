#pragma once

#include <opencv2/core.hpp>

#include "synth/draw/pinhole.hpp"
#include "synth/set/room.hpp"

namespace retime::synth {

/// What a camera sees of a room without people, in one grid of pixels.
struct Backdrop {
  cv::Mat color;         ///< CV_32FC3 RGB picture values in [0, 1]
  cv::Mat point;         ///< CV_32FC3 world position at the pixel's centre, metres
  cv::Mat direct;        ///< CV_32FC1 share of the light there that comes from the lamp, with furniture's shadows
  cv::Mat gloss;         ///< CV_32FC1 share of light that the floor mirrors; 0 off the floor
  bool mirrors = false;  ///< whether `gloss` is anywhere more than 0
};

/// Renders a room with `samples` rays per pixel.
Backdrop render_backdrop(const Room& room, const Pinhole& camera, int samples);

}  // namespace retime::synth

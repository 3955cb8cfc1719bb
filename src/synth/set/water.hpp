#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "synth/figure/figure.hpp"
#include "synth/set/backdrop.hpp"

namespace retime::synth {

/// Shallow water on the floor of a scene. Only figures that step into it make waves.
struct Water {
  bool present = false;
  double wave_speed = 0.75;  ///< metres per second
  double wavelength = 0.24;
};

/// The slope of the water's surface at a point of the floor, and how strongly waves pass there, 0 to 1.
struct Ripple {
  double slope_x = 0, slope_z = 0, strength = 0;
};
Ripple ripple_at(const Water& water, const std::vector<Footfall>& falls, Vec3 point, double time_s);

/// Ripples of a figure: the backdrop displaced, with glints, as premultiplied RGBA of the camera's size (CV_32FC4).
cv::Mat render_ripples(const Water& water, const std::vector<Footfall>& falls, const Pinhole& camera,
                       const Backdrop& backdrop, double time_s);

/// Adds the drops that fly up where feet meet the water.
void add_droplets(Mesh& mesh, const std::vector<Footfall>& falls, double time_s);

}  // namespace retime::synth

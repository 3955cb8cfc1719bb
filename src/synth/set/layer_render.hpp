#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "synth/figure/figure.hpp"
#include "synth/set/backdrop.hpp"
#include "synth/set/water.hpp"

namespace retime::synth {

/// What is needed to render somebody's layer.
struct LayerSettings {
  int samples = 16;
  double shutter_s = 0.02;
  bool vignette = true;
};

/// A layer with all its effects, before lighting drift, cropped to where it is not transparent.
struct RenderedLayer {
  cv::Rect box;
  cv::Mat rgba;  ///< CV_16UC4 RGBA, straight alpha, 65535 = 1
  cv::Mat body;  ///< CV_16UC1 coverage of the body with cloth and hair, without effects
};

/// Renders a figure with shadow, reflection and ripples at a time, as `camera` with its `backdrop` sees it.
RenderedLayer render_layer(const Figure& figure, const Water& water, const Lighting& light, const Pinhole& camera,
                           const Backdrop& backdrop, double time_s, const LayerSettings& settings);

/// What vignetting leaves of the light of a pixel.
double vignette_at(Size size, double x, double y);

}  // namespace retime::synth

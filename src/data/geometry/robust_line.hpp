#pragma once

#include <vector>

namespace retime {

/// Pairs of levels (0..255) to fit y ~= gain * x + offset to.
struct LineSamples {
  std::vector<float> x, y;
};

struct Line {
  float gain = 1.F, offset = 0.F;
};

/// Standard deviation of residuals in levels, from their median size, so that outliers do not count; 0.7 at least.
float robust_sigma(const std::vector<float>& residuals);

/// Tukey's biweight: 1 at residual 0, 0 for outliers.
float tukey_weight(float residual, float sigma);

/// Iteratively reweighted least squares; up to half of the samples may be outliers. The identity for fewer than 50
/// samples.
Line fit_line(const LineSamples& samples);

}  // namespace retime

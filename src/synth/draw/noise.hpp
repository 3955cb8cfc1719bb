#pragma once

#include <cstdint>

namespace retime::synth {

/// Value noise: random numbers in [0, 1] at integer points, smooth between them.
double value_noise(double x, double y, std::uint64_t seed);

/// Sum of `octaves` of value noise, each twice as fine and half as strong; in [0, 1].
double fractal_noise(double x, double y, int octaves, std::uint64_t seed);

}  // namespace retime::synth

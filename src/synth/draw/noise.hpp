#pragma once

#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>

namespace retime::synth {

/// Value noise: random numbers in [0, 1] at integer points, smooth between them.
double value_noise(double x, double y, std::uint64_t seed);

/// Sum of `octaves` of value noise, each twice as fine and half as strong; in [0, 1].
double fractal_noise(double x, double y, int octaves, std::uint64_t seed);

/// Mixes 64 bits well (the finaliser of SplitMix64, Steele et al. 2014).
inline std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// A reproducible number in [0, 1) for a point of an integer grid.
inline double hash_unit(std::int64_t x, std::int64_t y, std::uint64_t seed) {
  const auto key = static_cast<std::uint64_t>(x) * 0x8da6b343ULL ^ static_cast<std::uint64_t>(y) * 0xd8163841ULL;
  return static_cast<double>(mix_bits(key ^ mix_bits(seed)) >> 11) * 0x1p-53;
}

/// A stream of random numbers that is the same on every machine (std's distributions are not).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mix_bits(seed)) {}
  std::uint64_t bits() { return mix_bits(state_++); }
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  int below(int n) { return static_cast<int>(unit() * n); }
  bool chance(double p) { return unit() < p; }

 private:
  std::uint64_t state_;
};

/// Element `index` of the Halton sequence to a prime `base`, in [0, 1): evenly spread sample points.
inline double halton(int index, int base) {
  double result = 0, fraction = 1.0 / base;
  for (int i = index + 1; i > 0; i /= base, fraction /= base) result += fraction * (i % base);
  return result;
}

/// What a sensor records of a picture (CV_32FC3, levels of 255): noise that grows with the signal, `sigma` levels in
/// middle gray, the same for the same seed and frame; CV_8UC3.
cv::Mat recorded(const cv::Mat& picture, double sigma, std::uint64_t seed, int frame);

}  // namespace retime::synth

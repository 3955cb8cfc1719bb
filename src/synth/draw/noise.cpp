#include "synth/draw/noise.hpp"

namespace retime::synth {

double value_noise(double x, double y, std::uint64_t seed) {
  const double fx = std::floor(x), fy = std::floor(y);
  const auto ix = static_cast<std::int64_t>(fx), iy = static_cast<std::int64_t>(fy);
  const double u = x - fx, v = y - fy;
  const double wu = u * u * (3 - 2 * u), wv = v * v * (3 - 2 * v);
  const double top = hash_unit(ix, iy, seed) * (1 - wu) + hash_unit(ix + 1, iy, seed) * wu;
  const double bottom = hash_unit(ix, iy + 1, seed) * (1 - wu) + hash_unit(ix + 1, iy + 1, seed) * wu;
  return top * (1 - wv) + bottom * wv;
}

double fractal_noise(double x, double y, int octaves, std::uint64_t seed) {
  double sum = 0, weight = 1, total = 0;
  for (int i = 0; i < octaves; ++i, weight /= 2, x = 2 * x + 17.3, y = 2 * y - 9.1) {
    sum += weight * value_noise(x, y, seed + static_cast<std::uint64_t>(i));
    total += weight;
  }
  return sum / total;
}

cv::Mat recorded(const cv::Mat& picture, double sigma, std::uint64_t seed, int frame) {
  cv::Mat out(picture.size(), CV_8UC3);
  for (int y = 0; y < out.rows; ++y) {
    Random random(mix_bits(seed) + static_cast<std::uint64_t>(frame) * 0x10001ULL +
                  static_cast<std::uint64_t>(y) * 0x3000000017ULL);
    for (int x = 0; x < out.cols; ++x)
      for (int c = 0; c < 3; ++c) {
        const float value = picture.at<cv::Vec3f>(y, x)[c];
        const double strength = sigma * std::sqrt(0.4 + 0.6 * std::max(value, 0.F) / 128);
        const double normal = std::sqrt(-2 * std::log(1 - random.unit())) * std::cos(6.283185307179586 * random.unit());
        out.at<cv::Vec3b>(y, x)[c] = cv::saturate_cast<uchar>(value + strength * normal);
      }
  }
  return out;
}

}  // namespace retime::synth

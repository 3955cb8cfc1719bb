#include "synth/draw/sensor.hpp"

#include "synth/draw/random.hpp"

namespace retime::synth {

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

#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace retime::synth {

/// What a sensor records of a picture (CV_32FC3, levels of 255): noise that grows with the signal, `sigma` levels in
/// middle gray, the same for the same seed and frame; CV_8UC3.
cv::Mat recorded(const cv::Mat& picture, double sigma, std::uint64_t seed, int frame);

}  // namespace retime::synth

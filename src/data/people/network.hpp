#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace retime {

/// A network of a file in ONNX, run by OpenCV.
class Network {
 public:
  virtual ~Network() = default;
  /// `rgb`: CV_8UC3 of the size that the network takes; its values become value * scale + shift. Gives the outputs in
  /// the order of their names, CV_32F, valid until the next call.
  virtual std::vector<cv::Mat> run(const cv::Mat& rgb, float scale, float shift) = 0;
};

/// Reads networks. It lies in a shared object of its own, so that no program links OpenCV's DNN module for commands
/// that run none.
struct NetworkReader {
  std::unique_ptr<Network> (*read)(const std::string& file, const std::vector<std::string>& outputs);
};

/// Opens a network; `outputs` names what it gives. Throws Error if the file cannot be read.
std::unique_ptr<Network> open_network(const std::filesystem::path& file, const std::vector<std::string>& outputs);

}  // namespace retime

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace retime {

/// A network that OpenCV runs.
class Network {
 public:
  virtual ~Network() = default;
  /// `rgb`: CV_8UC3 of the size that the network takes; its values become value * scale + shift. Gives the outputs in
  /// the order of their names, CV_32F, valid until the next call.
  virtual std::vector<cv::Mat> run(const cv::Mat& rgb, float scale, float shift) = 0;
  /// The same for planes as they are, CV_32F [1, planes, height, width].
  virtual std::vector<cv::Mat> run(const cv::Mat& planes) = 0;
};

/// A layer of a network that no file describes, in the words of OpenCV's DNN module: type, parameters, weights.
struct NetworkLayer {
  std::string name, type;
  std::vector<std::string> inputs;  ///< names of layers before it; "input" is what the network is run on
  std::map<std::string, double> numbers{};
  std::map<std::string, std::vector<int>> lists{};
  std::vector<cv::Mat> weights{};  ///< CV_32F
};

/// Reads networks. It lies in a shared object of its own, so that no program links OpenCV's DNN module for commands
/// that run none.
struct NetworkReader {
  std::unique_ptr<Network> (*read)(const std::string& file, const std::vector<std::string>& outputs);
  std::unique_ptr<Network> (*build)(const std::vector<NetworkLayer>& layers, const std::vector<std::string>& outputs);
};

/// Opens a network of a file in ONNX; `outputs` names what it gives. Throws Error if the file cannot be read.
std::unique_ptr<Network> open_network(const std::filesystem::path& file, const std::vector<std::string>& outputs);

/// Builds a network; `outputs` names the layers that give its results.
std::unique_ptr<Network> build_network(const std::vector<NetworkLayer>& layers,
                                       const std::vector<std::string>& outputs);

}  // namespace retime

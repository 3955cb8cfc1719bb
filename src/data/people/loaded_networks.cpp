// The shared object libretime_networks.so, which `open_network` loads.

#include <opencv2/dnn.hpp>

#include "data/people/network.hpp"

namespace {

class OnnxNetwork final : public retime::Network {
 public:
  OnnxNetwork(const std::string& file, const std::vector<std::string>& outputs)
      : net_(cv::dnn::readNetFromONNX(file)), outputs_(outputs.begin(), outputs.end()) {}

  std::vector<cv::Mat> run(const cv::Mat& rgb, float scale, float shift) override {
    net_.setInput(cv::dnn::blobFromImage(rgb, scale, rgb.size(), cv::Scalar::all(-shift / scale), false, false));
    std::vector<cv::Mat> results;
    net_.forward(results, outputs_);
    return results;
  }

 private:
  cv::dnn::Net net_;
  std::vector<cv::String> outputs_;
};

std::unique_ptr<retime::Network> read(const std::string& file, const std::vector<std::string>& outputs) {
  return std::make_unique<OnnxNetwork>(file, outputs);
}

}  // namespace

extern "C" const retime::NetworkReader retime_network_reader;
const retime::NetworkReader retime_network_reader = {&read};

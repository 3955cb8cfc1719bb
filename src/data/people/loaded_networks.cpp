// The shared object libretime_networks.so, which `open_network` loads.

#include <opencv2/dnn.hpp>

#include "data/people/network.hpp"

namespace {

class OpenCvNetwork final : public retime::Network {
 public:
  OpenCvNetwork(cv::dnn::Net net, const std::vector<std::string>& outputs)
      : net_(std::move(net)), outputs_(outputs.begin(), outputs.end()) {}

  std::vector<cv::Mat> run(const cv::Mat& rgb, float scale, float shift) override {
    return run(cv::dnn::blobFromImage(rgb, scale, rgb.size(), cv::Scalar::all(-shift / scale), false, false));
  }

  std::vector<cv::Mat> run(const cv::Mat& planes) override {
    net_.setInput(planes);
    std::vector<cv::Mat> results;
    net_.forward(results, outputs_);
    return results;
  }

 private:
  cv::dnn::Net net_;
  std::vector<cv::String> outputs_;
};

std::unique_ptr<retime::Network> read(const std::string& file, const std::vector<std::string>& outputs) {
  return std::make_unique<OpenCvNetwork>(cv::dnn::readNetFromONNX(file), outputs);
}

int add_layer(cv::dnn::Net& net, const retime::NetworkLayer& layer) {
  cv::dnn::LayerParams parameters;
  for (const auto& [name, value] : layer.numbers)
    value == static_cast<int>(value) ? parameters.set(name, static_cast<int>(value)) : parameters.set(name, value);
  for (const auto& [name, values] : layer.lists)
    parameters.set(name, cv::dnn::DictValue::arrayInt(values.data(), static_cast<int>(values.size())));
  parameters.blobs = layer.weights;
  return net.addLayer(layer.name, layer.type, parameters);
}

std::unique_ptr<retime::Network> build(const std::vector<retime::NetworkLayer>& layers,
                                       const std::vector<std::string>& outputs) {
  cv::dnn::Net net;
  net.setInputsNames({"input"});
  std::map<std::string, int> numbers{{"input", 0}};
  for (const auto& layer : layers) {
    const int number = numbers[layer.name] = add_layer(net, layer);
    for (std::size_t i = 0; i < layer.inputs.size(); ++i)
      net.connect(numbers.at(layer.inputs[i]), 0, number, static_cast<int>(i));
  }
  return std::make_unique<OpenCvNetwork>(net, outputs);
}

}  // namespace

extern "C" const retime::NetworkReader retime_network_reader;
const retime::NetworkReader retime_network_reader = {&read, &build};

#include "data/people/checked_network.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace retime {
namespace {

std::vector<std::string> names_of(const std::vector<NetworkOutput>& outputs) {
  std::vector<std::string> names;
  for (const auto& output : outputs) names.push_back(output.name);
  return names;
}

/// OpenCV prints what it throws as well; here the exception says it.
class QuietOpenCv {
 public:
  QuietOpenCv()
      : before_(cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; })) {}
  ~QuietOpenCv() { cv::redirectError(before_); }
  QuietOpenCv(const QuietOpenCv&) = delete;
  QuietOpenCv& operator=(const QuietOpenCv&) = delete;

 private:
  cv::ErrorCallback before_;
};

}  // namespace

CheckedNetwork::CheckedNetwork(std::filesystem::path file, std::vector<NetworkOutput> outputs)
    : file_(std::move(file)), outputs_(std::move(outputs)), network_(open_network(file_, names_of(outputs_))) {}

std::vector<cv::Mat> CheckedNetwork::run(const cv::Mat& rgb, float scale, float shift) {
  std::vector<cv::Mat> results;
  try {
    const QuietOpenCv quiet;
    results = network_->run(rgb, scale, shift);
  } catch (const cv::Exception& error) {
    fail(error.err);
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto values = static_cast<int>(results.at(i).total());
    if (values != outputs_[i].values || results[i].type() != CV_32F)
      fail(fmt::format("its output {} has {} values, not {}", outputs_[i].name, values, outputs_[i].values));
    if (!cv::checkRange(results[i])) fail("its output " + outputs_[i].name + " holds what is no number");
  }
  return results;
}

void CheckedNetwork::fail(const std::string& problem) const {
  throw Error("the network " + file_.string() + " cannot be used (" + problem +
              "): remove its folder and run tools/setup.sh again");
}

}  // namespace retime

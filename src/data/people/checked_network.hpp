#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/people/network.hpp"

namespace retime {

/// What a network is to give: the name of an output and how many values it has.
struct NetworkOutput {
  std::string name;
  int values = 0;
};

/// A network of a file whose every output is what its reader relies on: so many values, all of them numbers.
class CheckedNetwork {
 public:
  /// Throws Error if the file cannot be read.
  CheckedNetwork(std::filesystem::path file, std::vector<NetworkOutput> outputs);
  /// As `Network::run`; throws Error, which names the file, when it is another network or a broken one.
  std::vector<cv::Mat> run(const cv::Mat& rgb, float scale, float shift);

 private:
  [[noreturn]] void fail(const std::string& problem) const;

  std::filesystem::path file_;
  std::vector<NetworkOutput> outputs_;
  std::unique_ptr<Network> network_;
};

}  // namespace retime

#pragma once

#include <chrono>

namespace retime {

/// Adds the time for which it lives to a sum, in seconds.
class SecondsOf {
 public:
  explicit SecondsOf(double& sum_s) : sum_s_(sum_s) {}
  ~SecondsOf() { sum_s_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  SecondsOf(const SecondsOf&) = delete;
  SecondsOf& operator=(const SecondsOf&) = delete;

 private:
  double& sum_s_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace retime

#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <optional>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"

namespace retime::test {

constexpr int kStepsPerEpoch = 3;

/// A tiny scene in a folder of its own, fitted with one thread.
class TinyFitTest : public testing::Test {
 protected:
  TinyFitTest() : threads_(at::get_num_threads()) {
    at::set_num_threads(1);
    TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
  }
  ~TinyFitTest() override { at::set_num_threads(threads_); }

  // Runs again after every stop, as a user does; returns the number of stops.
  int fit_with_stops(const FitConfig& config, const std::string& run) const {
    for (int stops = 0;; ++stops) {
      try {
        fit(*scene_, config, folder_ / run);
        return stops;
      } catch (const Stopped&) {
      }
    }
  }

  TemporaryFolder folder_;
  std::optional<SceneReader> scene_;

 private:
  int threads_;
};

}  // namespace retime::test

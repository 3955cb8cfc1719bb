#pragma once

#include <string>
#include <vector>

#include "bench/projection.hpp"
#include "bench/scaling_bench.hpp"
#include "core/options.hpp"

namespace retime {

/// What `retime bench scaling` is asked for.
struct ScalingOptions {
  BenchSetup bench;
  std::string mode = "both", scene, output, launcher = "mpirun";
  std::vector<double> launch, gpus{4, 8, 16, 32, 64};
  int frames_per_rank = 2, rounds = 3;
  bool report = false, project = false, print_report = true;
  NetworkOverride network;

  ScalingOptions() { bench.config.train.batch_frames = 8; }
  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

}  // namespace retime

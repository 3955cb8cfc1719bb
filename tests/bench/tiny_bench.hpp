#pragma once

#include "bench/scaling_bench.hpp"

namespace retime::test {

/// Six steps of a narrow model on small pictures.
inline BenchSetup tiny_bench() {
  BenchSetup setup;
  setup.config.model.width = 4;
  setup.config.model.texture_channels = 4;
  setup.config.model.texture_size = 4;
  setup.config.train.device = DeviceChoice::kCpu;
  setup.size = {48, 32};
  setup.counts = {2, 4};
  return setup;
}

}  // namespace retime::test

#pragma once

#include <string>

#include "bench/scaling_bench.hpp"

namespace retime::test {

/// A run whose step takes `step_s`: 10 % data, 20 % forward, 40 % backward, 20 % communication, 10 % optimizer.
inline ScalingRun sample_run(ScalingMode mode, int ranks, double step_s) {
  ScalingRun run;
  run.setup.mode = mode;
  run.setup.batch = mode == ScalingMode::kWeak ? 2 : 8;
  run.setup.device = "Processor, \"fast\" & <new>";
  run.setup.image_width = 96;
  run.setup.image_height = 54;
  run.setup.objects = 2;
  run.ranks = ranks;
  run.started = "2026-01-31T12:00:00Z";
  run.step.steps = 20;
  run.step.step_s = step_s;
  run.step.min_s = 0.9 * step_s;
  run.step.max_s = 1.5 * step_s;
  run.step.part_s = {0.1 * step_s, 0.2 * step_s, 0.4 * step_s, 0.2 * step_s, 0.1 * step_s};
  run.step.gradient_bytes = 8'000'000;
  run.buckets = ranks > 1 ? 3 : 0;
  return run;
}

}  // namespace retime::test

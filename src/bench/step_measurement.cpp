#include "bench/step_measurement.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <climits>
#include <numeric>
#include <span>

#include "core/error.hpp"
#include "dist/device.hpp"
#include "model/fit/fit.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

double total(const StepParts& step) { return std::accumulate(step.begin(), step.end(), 0.0); }

/// A fit of so many steps that saves only at its end.
FitConfig short_fit(FitConfig config, const SceneInfo& scene, int steps) {
  if (config.train.batch_frames > scene.frame_count)
    throw AgreedError(
        fmt::format("the scene has {} frames, fewer than a step takes ({}): use a longer scene or a smaller batch",
                    scene.frame_count, config.train.batch_frames));
  const BatchSampler sampler(scene.frame_count, config.train.batch_frames, 1);
  config.train.epochs = (steps + sampler.steps_per_epoch() - 1) / sampler.steps_per_epoch();
  config.train.resume = "none";
  config.train.checkpoint_epochs = INT_MAX;
  config.train.keep_every = 0;
  config.train.preview_epochs = 0;
  config.train.max_seconds = 0;
  return config;
}

std::vector<StepParts> mean_over_ranks(const std::vector<StepRecord>& records, const Communicator& communicator) {
  std::vector<double> values;
  for (const auto& record : records) values.insert(values.end(), record.part_s.begin(), record.part_s.end());
  communicator.all_reduce(std::span(values), Reduction::kSum);
  std::vector<StepParts> steps(records.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    steps[i / kStepParts][i % kStepParts] = values[i] / communicator.size();
  return steps;
}

std::int64_t gradient_bytes_of(const torch::nn::Module& model) {
  std::int64_t bytes = 0;
  for (const auto& parameter : model.parameters())
    if (parameter.requires_grad()) bytes += static_cast<std::int64_t>(parameter.nbytes());
  return bytes;
}

}  // namespace

StepMeasurement summarize_steps(const std::vector<StepParts>& steps) {
  auto sorted = steps;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return total(a) < total(b); });
  StepMeasurement result;
  result.steps = static_cast<int>(sorted.size());
  result.min_s = total(sorted.front());
  result.max_s = total(sorted.back());
  const std::size_t cut = sorted.size() / 4, kept = sorted.size() - 2 * cut;
  for (std::size_t i = cut; i < cut + kept; ++i)
    for (std::size_t part = 0; part < kStepParts; ++part)
      result.part_s[part] += sorted[i][part] / static_cast<double>(kept);
  result.step_s = total(result.part_s);
  return result;
}

StepMeasurement measure_steps(const SceneReader& scene, FitConfig config, const std::filesystem::path& run,
                              const Communicator& communicator, StepCounts counts) {
  config = short_fit(std::move(config), scene.info(), counts.warmup + counts.timed);
  const StepTimeline timeline(choose_device(config.train.device, communicator));
  FitSession session(run, config.train, communicator, {{}, false});
  LayerFit fit(scene, config, session);
  try {
    fit.run();
  } catch (const AgreedStop&) {
    throw AgreedError("the measurement was stopped before its end (by a signal): nothing was kept, start it again");
  }
  auto records = timeline.records();
  records.erase(records.begin(), records.begin() + counts.warmup);
  auto result = summarize_steps(mean_over_ranks(records, communicator));
  result.bucket_bytes = records.back().bucket_bytes;
  result.gradient_bytes = gradient_bytes_of(*fit.model());
  return result;
}

}  // namespace retime

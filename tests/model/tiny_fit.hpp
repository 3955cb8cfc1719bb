#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "model/fit/fit.hpp"

namespace retime::test {

/// A fit that takes a second: width 4, batches of 4 frames of TinyScene (3 steps an epoch), no saves on the way.
inline FitConfig tiny_config(int epochs) {
  FitConfig config;
  config.model.width = 4;
  config.model.texture_channels = 4;
  config.model.texture_size = 4;
  config.model.background_texture_size = 8;
  config.model.layer_output = LayerOutputKind::kCorrection;
  config.loss.matting_epochs = 40;
  config.loss.sparsity_weight = 0.005;
  config.train.epochs = epochs;
  config.train.batch_frames = 4;
  config.train.learning_rate = 1e-3;
  config.train.decay_epochs = 0;
  config.train.warmup_steps = 0;
  config.train.checkpoint_epochs = 1000;
  config.train.preview_epochs = 0;
  config.train.device = DeviceChoice::kCpu;
  return config;
}

/// The published readings, at that size: a neural background and the mask losses.
inline FitConfig released_config(int epochs) {
  FitConfig config = tiny_config(epochs);
  config.model.background = BackgroundKind::kNeural;
  config.model.layer_output = LayerOutputKind::kDirect;
  config.model.norm = NormKind::kBatch;
  config.model.object_id = true;
  config.model.skip_absent = false;
  config.loss.mask_loss = MaskLoss::kReleased;
  config.loss.mask_schedule = MaskSchedule::kThreshold;
  config.loss.matting_weight = 0;
  config.loss.sparsity = SparsityKind::kCompositeSquared;
  config.train.augmentation.brightness_sigma = 0.2;
  config.train.augmentation.brightness_epochs = 1;
  return config;
}

inline FitConfig patent_config(int epochs) {
  FitConfig config = released_config(epochs);
  config.model.bottleneck_dilation = 1;
  config.model.first_activation = FirstActivation::kLeaky;
  config.model.output_convolution = OutputConvolution::kTranspose;
  config.model.object_id = false;
  config.loss.mask_loss = MaskLoss::kPatent;
  config.loss.mask_schedule = MaskSchedule::kEpochs;
  config.loss.mask_epochs = {1, 2};
  config.loss.sparsity = SparsityKind::kPerLayer;
  config.train.augmentation.brightness_epochs = 0;
  return config;
}

/// Fits the layers without progress.
inline void fit(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
                const Communicator& communicator = {}, TrainHooks hooks = {}) {
  hooks.show_progress = false;
  FitSession session(run, config.train, communicator, std::move(hooks));
  LayerFit(scene, config, session).run();
}

inline Checkpoint newest_checkpoint(const std::filesystem::path& run) {
  Checkpoint checkpoint;
  EXPECT_TRUE(CheckpointFolder(run).read_newest(checkpoint)) << "no checkpoint in " << run;
  return checkpoint;
}

inline std::map<std::string, std::vector<float>> arrays_of(const Checkpoint& checkpoint) {
  std::map<std::string, std::vector<float>> arrays;
  for (const auto& array : checkpoint.arrays) arrays[array.name] = array.floats;
  return arrays;
}

/// Parameters, buffers, moments and the state of the schedule are the same bit for bit.
inline void expect_same_state(const std::filesystem::path& run_a, const std::filesystem::path& run_b) {
  const auto a = newest_checkpoint(run_a), b = newest_checkpoint(run_b);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.schedule, b.schedule);
  const auto arrays = arrays_of(a), others = arrays_of(b);
  ASSERT_EQ(arrays.size(), others.size());
  ASSERT_TRUE(arrays.contains("parameters/renderer.e1.weight") && arrays.contains("adam_second/renderer.e1.weight"));
  for (const auto& [name, values] : arrays) EXPECT_EQ(values, others.at(name)) << name;
}

/// Lines of metrics.jsonl without the times.
inline std::vector<nlohmann::json> metrics_of(const std::filesystem::path& run) {
  std::ifstream in(run / "metrics.jsonl");
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) {
    auto entry = nlohmann::json::parse(line);
    for (const char* time : {"seconds", "frames_per_s", "save_wait_s"}) {
      EXPECT_TRUE(entry.contains(time)) << time;
      entry.erase(time);
    }
    lines.push_back(std::move(entry));
  }
  return lines;
}

}  // namespace retime::test

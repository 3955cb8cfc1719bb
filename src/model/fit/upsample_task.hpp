#pragma once

#include <memory>
#include <vector>

#include "dist/torch.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/fit/fit_task.hpp"
#include "model/layers/frame_layers.hpp"
#include "model/net/upsampler.hpp"
#include "model/step/fit_ranks.hpp"

namespace retime {

/// The training of the upsampling network of a fit whose layers are done ([0063], [0076]): everything else is frozen
/// and as it renders; L1 of the composite against the frame at full size, in random windows, without augmentation.
/// Pixels whose surroundings a window cuts off do not count, so that the network learns what it will render. Its
/// checkpoints are those of the layers with the network added.
class UpsampleTask final : public FitTask {
 public:
  /// `layers` is a complete fit of the layers, with or without a training begun. Scene and ranks must outlive the task.
  UpsampleTask(const SceneReader& scene, const FitConfig& config, const Checkpoint& layers, const FitRanks& ranks);

  /// Bytes of this rank's share of the scene: at training size on the device, and at full size, as far as it was
  /// needed, in host memory.
  std::int64_t resident_bytes() const;

  FitPlan plan() const override;
  torch::nn::Module& module() override { return *network_; }
  double learning_rate(std::int64_t step, int epoch) const override;
  void begin_epoch(int epoch, const std::vector<int>& coming) override;
  StepLoss loss(const StepFrames& step, int epoch) override;
  EpochReport end_epoch(const EpochEnd& end) override;
  Checkpoint checkpoint(const FitPosition& at, const FusedAdam& optimizer) const override;
  std::shared_ptr<const std::vector<NamedArray>> constant_arrays() const override { return layer_arrays_; }
  Restored restore(const Checkpoint& checkpoint, const std::filesystem::path& file, FusedAdam& optimizer) override;

 private:
  BatchSampler sampler() const;
  torch::Tensor upsampled(std::vector<FrameLayers>& frames, const std::vector<Window>& windows);
  Window random_window(int frame, int epoch) const;

  const SceneReader& scene_;
  FitConfig config_;
  const FitRanks& ranks_;
  CacheBudget budget_;  ///< of `data_`, and as much of the host for `maps_`
  FullMaps maps_;
  std::unique_ptr<SceneData> data_;
  LayeredModel model_{nullptr};
  Upsampler network_{nullptr};
  Checkpoint layers_;  ///< of the fit of the layers, without arrays
  std::shared_ptr<const std::vector<NamedArray>> layer_arrays_;
};

}  // namespace retime

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "dist/process_group.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"
#include "model/config/fit_config.hpp"
#include "model/fit/fit_task.hpp"
#include "model/layers/layered_model.hpp"
#include "model/loss/losses.hpp"
#include "model/scene/scene_data.hpp"
#include "model/step/fit_ranks.hpp"

namespace retime {

/// Gives a new model's textures the colours of what is surely the object's own body, over the whole clip. `data` is
/// this rank's share. This call is MPI collective.
void observe_textures(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives);

/// Tells a new model where each object's effects lie, from frames of the whole clip. This call is MPI collective.
void observe_effects(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives);

/// A row of pictures of one frame of `data`, the one that shows most objects: the frame, its recomposition, the
/// background, and the object layers over gray, back to front. RGB, [H, W * (3 + N), 3].
Image preview_picture(LayeredModel model, const SceneData& data);

/// Adapts options that a scene cannot serve (no plate, no mattes) and says so.
FitConfig fitting_config(FitConfig config, const SceneInfo& info);

/// Takes a preview of an epoch: see `preview_picture`.
using PreviewWriter = std::function<void(int epoch, const Image& rgb)>;

/// The fit of the layers: textures and renderer, by the losses of `evaluate_losses`.
class LayerTask final : public FitTask {
 public:
  /// Reads this rank's share of the frames and makes the model. `write_preview` may be empty. Scene and ranks must
  /// outlive the task.
  LayerTask(const SceneReader& scene, const FitConfig& config, const FitRanks& ranks, PreviewWriter write_preview);

  /// Whether the scene was corrected after the checkpoint was written from which this task goes on.
  bool is_corrected() const { return is_corrected_; }

  /// Takes from the whole clip what a new fit starts from: colours of textures, and where effects lie. This call is MPI
  /// collective.
  void observe_clip();

  const FitConfig& config() const { return config_; }  ///< as far as the scene can serve it
  LayeredModel model() const { return model_; }
  const SceneData& data() const { return *data_; }

  FitPlan plan() const override;
  torch::nn::Module& module() override { return *model_; }
  std::vector<FusedAdam::Group> groups() override;
  double learning_rate(std::int64_t step, int epoch) const override;
  void begin_epoch(int epoch, const std::vector<int>& coming) override;
  StepLoss loss(const StepFrames& frames, int epoch) override;
  EpochReport end_epoch(const EpochEnd& end) override;
  void after_epoch(int epoch) override;
  Checkpoint checkpoint(const FitPosition& at, const FusedAdam& optimizer) const override;
  Restored restore(const Checkpoint& checkpoint, const std::filesystem::path& file, FusedAdam& optimizer) override;

 private:
  BatchSampler sampler() const;
  std::vector<Augmentation> augmentations(const std::vector<int>& frames, int epoch) const;

  const SceneReader& scene_;
  const FitConfig config_;
  const FitRanks& ranks_;
  const PreviewWriter write_preview_;
  std::unique_ptr<SceneData> data_;
  LayeredModel model_{nullptr};
  LossSchedule schedule_;
  bool is_corrected_ = false;
};

}  // namespace retime

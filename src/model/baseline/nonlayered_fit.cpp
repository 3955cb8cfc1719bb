#include "model/baseline/nonlayered_fit.hpp"

#include <torch/nn/functional/upsampling.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "dist/device.hpp"
#include "model/fit/fit_loop.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/scene/sampler.hpp"
#include "model/state/model_state.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

NonlayeredModel seeded_model(const SceneReader& scene, ModelOptions options, int seed, torch::Device device) {
  options.background = BackgroundKind::kNeural;
  torch::manual_seed(static_cast<std::uint64_t>(seed));
  NonlayeredModel model(options, model_scene(scene, options));
  model->to(device);
  return model;
}

// Mean absolute error over the frames that count.
torch::Tensor frame_error(const torch::Tensor& pictures, const Batch& batch) {
  const auto error = (pictures - batch.frames).abs().mean({1, 2, 3});
  return (error * batch.frame_weight).sum() / batch.frame_weight.sum();
}

class NonlayeredTask final : public FitTask {
 public:
  NonlayeredTask(NonlayeredModel model, const SceneData& data, const TrainOptions& options, double max_seconds,
                 const FitWatch& watch)
      : model_(std::move(model)), data_(data), options_(options), max_seconds_(max_seconds), watch_(watch) {}

  const FitProgress& progress() const { return progress_; }

  FitPlan plan() const override {
    const auto seed = static_cast<std::uint64_t>(options_.seed);
    return {"baseline step",
            "fit",
            "",
            "--batch-frames",
            options_.epochs,
            data_.frame_count(),
            BatchSampler(data_.frame_count(), options_.batch_frames, seed),
            {"error"}};
  }
  torch::nn::Module& module() override { return *model_; }

  bool is_over(int epoch) const override {
    return epoch >= options_.epochs || (max_seconds_ > 0 && progress_.seconds >= max_seconds_);
  }
  // The rate falls with the epochs, or faster with the time.
  double learning_rate(std::int64_t step, int epoch) const override {
    const double share = max_seconds_ > 0 ? progress_.seconds / max_seconds_ : 0;
    return options_.learning_rate_at(step, std::max(epoch, static_cast<int>(share * options_.decay_epochs)));
  }
  void begin_epoch(int /*epoch*/, const std::vector<int>& coming) override {
    model_->train();
    data_.expect(coming);
  }
  StepLoss loss(const StepFrames& frames, int epoch) override;
  EpochReport end_epoch(const EpochEnd& end) override;
  void after_epoch(int /*epoch*/) override {
    if (watch_) watch_(progress_);
  }

 private:
  NonlayeredModel model_;
  const SceneData& data_;
  const TrainOptions& options_;
  double max_seconds_;
  const FitWatch& watch_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  FitProgress progress_;
};

StepLoss NonlayeredTask::loss(const StepFrames& frames, int epoch) {
  std::vector<Augmentation> augmentations;
  for (const int frame : frames.now)
    augmentations.push_back(
        augmentation_of(options_.augmentation, static_cast<std::uint64_t>(options_.seed), epoch, std::max(frame, 0)));
  const auto batch = make_batch(data_, frames.now, augmentations, true);
  const auto error = frame_error(model_->forward(batch, options_.bf16), batch);
  return {error, error.detach().view({1})};
}

EpochReport NonlayeredTask::end_epoch(const EpochEnd& end) {
  const double mean = end.sums.item<double>() / static_cast<double>(end.at.epoch_step);
  if (!std::isfinite(mean))
    throw Error("the error is not finite in epoch " + std::to_string(end.at.epoch + 1) +
                " (the fit diverged): lower --learning-rate");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  progress_ = {end.at.epoch + 1, seconds, mean};
  char note[40];
  std::snprintf(note, sizeof note, "error %.4f", mean);
  return {{}, note};
}

}  // namespace

torch::Tensor map_in_view(const SceneData& data, const CameraPath& camera, const ObjectInstance& instance, int frame) {
  const auto map =
      data.gather({instance.frame}, {{0, instance.object}}).maps.iuv.permute({0, 3, 1, 2}).to(torch::kFloat);
  if (camera.frame_from_plane.empty() || instance.frame == frame) return map;
  const auto homography = [&](int t) { return camera.frame_from_plane.at(static_cast<std::size_t>(t)); };
  return moved_map(map, product(homography(instance.frame), inverse(homography(frame))));
}

NonlayeredFit::NonlayeredFit(const SceneReader& scene, const FitConfig& config)
    : scene_(scene),
      config_(config),
      device_(choose_device(config.train.device, {})),
      data_(scene, 0, scene.info().frame_count, /*with_mattes=*/false, device_,
            cache_budget(config.train.cache_gib, device_)),
      model_(seeded_model(scene, config.model, config.train.seed, device_)) {
  if (scene.info().has_camera) camera_ = scene.read_camera();
  if (config.model.observed_textures) observe_textures();
}

// Colours of the plate, and of what is surely an object's own body and not behind another, over the whole clip.
void NonlayeredFit::observe_textures() {
  const torch::NoGradGuard guard;
  auto sums = model_->textures()->empty_sums();
  std::vector<int> frames(static_cast<std::size_t>(data_.frame_count()));
  std::iota(frames.begin(), frames.end(), 0);
  data_.expect(frames);
  for (const int t : frames) {
    const auto batch = make_batch(data_, {t}, {}, true);
    const auto weight = (batch.trimap > 0.75) * visible_share(batch) * batch.slot_weight.view({-1, 1, 1, 1});
    model_->textures()->splat(sums, batch.slot_object, batch.iuv, batch.frames.index_select(0, batch.slot_frame),
                              weight);
  }
  model_->textures()->set_colors(sums);
  if (scene_.info().has_plate) model_->set_background_colors(read_plate_tensor(scene_));
}

FitProgress NonlayeredFit::run(double max_seconds, const FitWatch& watch, bool shows_progress) {
  NonlayeredTask task(model_, data_, config_.train, max_seconds, watch);
  FitLoop(task, config_.train, FitRanks(device_), shows_progress).run();
  estimate_statistics(*model_, config_.model, data_.frame_count(),
                      [&](int frame) { model_->forward(make_batch(data_, {frame}, {}, true), false); });
  return task.progress();
}

Image NonlayeredFit::render(int frame, const std::vector<ObjectInstance>& instances) {
  const torch::NoGradGuard guard;
  std::vector<torch::Tensor> maps{torch::empty({0, 3, data_.size().height, data_.size().width}, device_)};
  std::vector<std::int64_t> objects;
  std::vector<float> opacities;
  for (const auto& instance : instances) {
    maps.push_back(map_in_view(data_, camera_, instance, frame));
    objects.push_back(instance.object);
    opacities.push_back(static_cast<float>(instance.opacity));
  }
  const auto iuv = torch::cat(maps);
  const PlacedObjects placed{torch::tensor(objects, torch::kLong).to(device_),
                             torch::cat({iuv.slice(1, 0, 1), iuv.slice(1, 1) / 255}, 1),
                             torch::tensor(opacities).to(device_)};
  const auto picture = model_->render(make_batch(data_, {frame}, {}, true), placed);
  const auto [width, height] = scene_.info().full_size();
  const auto large = F::interpolate(picture, F::InterpolateFuncOptions()
                                                 .size(std::vector<std::int64_t>{height, width})
                                                 .mode(torch::kBilinear)
                                                 .align_corners(false));
  return to_image((large[0] + 1) * 127.5);
}

}  // namespace retime

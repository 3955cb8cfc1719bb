#include "model/fit/nonlayered_fit.hpp"

#include <torch/nn/functional/upsampling.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "dist/device.hpp"
#include "model/fit/trainer.hpp"
#include "model/net/norm.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/scene/sampler.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

constexpr int kStatisticsFrames = 64;

NonlayeredModel seeded_model(const SceneReader& scene, ModelOptions options, int seed, torch::Device device) {
  options.background = BackgroundKind::kNeural;
  torch::manual_seed(static_cast<std::uint64_t>(seed));
  NonlayeredModel model(options, model_scene(scene, options));
  model->to(device);
  return model;
}

std::unique_ptr<FusedAdam> optimizer_of(const torch::nn::Module& module) {
  FusedAdam::Group group;
  for (const auto& item : module.named_parameters()) {
    group.parameters.push_back(item.value());
    group.names.push_back(item.key());
  }
  return std::make_unique<FusedAdam>(std::vector{std::move(group)});
}

// Mean absolute error over the frames that count.
torch::Tensor frame_error(const torch::Tensor& pictures, const Batch& batch) {
  const auto error = (pictures - batch.frames).abs().mean({1, 2, 3});
  return (error * batch.frame_weight).sum() / batch.frame_weight.sum();
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
      model_(seeded_model(scene, config.model, config.train.seed, device_)),
      optimizer_(optimizer_of(*model_)) {
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

FitProgress NonlayeredFit::run(double max_seconds, const std::function<void(const FitProgress&)>& watch) {
  const auto start = std::chrono::steady_clock::now();
  FitProgress progress;
  while (progress.epochs < config_.train.epochs && (max_seconds <= 0 || progress.seconds < max_seconds)) {
    const double share = max_seconds > 0 ? progress.seconds / max_seconds : 0;
    const int rate_epoch = std::max(progress.epochs, static_cast<int>(share * config_.train.decay_epochs));
    progress.error = train_epoch(progress.epochs, rate_epoch);
    ++progress.epochs;
    progress.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (watch) watch(progress);
  }
  estimate_statistics();
  model_->eval();
  return progress;
}

double NonlayeredFit::train_epoch(int epoch, int rate_epoch) {
  const auto& train = config_.train;
  const auto seed = static_cast<std::uint64_t>(train.seed);
  model_->train();
  auto sum = torch::zeros({}, device_);
  const BatchSampler sampler(data_.frame_count(), train.batch_frames, seed);
  const auto steps = sampler.epoch(epoch, 0, 1);
  data_.expect(sampler.coming_frames(epoch, 0, 0, 1));
  for (const auto& frames : steps) {
    std::vector<Augmentation> augmentations;
    for (const int frame : frames)
      augmentations.push_back(augmentation_of(train.augmentation, seed, epoch, std::max(frame, 0)));
    model_->zero_grad();
    const auto batch = make_batch(data_, frames, augmentations, true);
    const auto error = frame_error(model_->forward(batch, train.bf16), batch);
    error.backward();
    optimizer_->step(train.learning_rate_at(step_++, rate_epoch));
    sum += error.detach();
  }
  const double mean = sum.item<double>() / static_cast<double>(steps.size());
  if (!std::isfinite(mean))
    throw Error("the error is not finite in epoch " + std::to_string(epoch + 1) +
                " (the fit diverged): lower --learning-rate");
  return mean;
}

// Batch norms render with statistics of the finished weights, taken over frames of the whole clip.
void NonlayeredFit::estimate_statistics() {
  if (!is_batch_norm(config_.model.norm)) return;
  const torch::NoGradGuard guard;
  for (const auto& module : model_->modules())
    if (auto* norm = module->as<NormImpl>()) norm->restart_statistics();
  model_->train();
  const int count = data_.frame_count(), used = std::min(count, kStatisticsFrames);
  for (int i = 0; i < used; ++i)
    model_->forward(make_batch(data_, {static_cast<int>(static_cast<std::int64_t>(i) * count / used)}, {}, true),
                    false);
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

#include "model/fit/layer_task.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>
#include <vector>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "dist/step_timeline.hpp"
#include "model/layers/attribution.hpp"
#include "model/layers/composite.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/state/model_state.hpp"

namespace retime {
namespace {

constexpr int kObservedFrames = 240;    // tell where effects lie
constexpr int kObservationRounds = 12;  // of expectation maximisation

// Every so many frames of the clip, as far as this rank has them.
std::vector<int> observed_frames(const SceneData& data, int stride) {
  std::vector<int> frames;
  const int first = data.first_frame(), end = first + data.frame_count();
  for (int t = (first + stride - 1) / stride * stride; t < end; t += stride) frames.push_back(t);
  return frames;
}

std::vector<int> repeated(const std::vector<int>& frames, int times) {
  std::vector<int> result;
  for (int i = 0; i < times; ++i) result.insert(result.end(), frames.begin(), frames.end());
  return result;
}

// A fit that is over, or nearly so, takes its last epochs again for a scene that was corrected.
int epoch_for_corrections(int epochs) {
  constexpr double kShare = 0.25;
  return epochs - std::max(1, static_cast<int>(std::lround(kShare * epochs)));
}

constexpr double kGray = 0;  // of [-1, 1]

int busiest_frame(const SceneData& data) {
  int best = data.first_frame(), most = -1;
  for (int t = data.first_frame(); t < data.first_frame() + data.frame_count(); ++t) {
    int present = 0;
    for (int n = 0; n < data.object_count(); ++n) present += data.is_present(n, t);
    if (present > most) {
      most = present;
      best = t;
    }
  }
  return best;
}

std::string sum_name(const char* loss) { return std::string("epoch_") + loss; }

FusedAdam::Group group_of(const torch::nn::Module& module, bool plate, double rate_scale) {
  FusedAdam::Group group{{}, {}, rate_scale};
  for (const auto& item : module.named_parameters()) {
    if ((item.key() == "plate") != plate || !item.value().requires_grad()) continue;
    group.parameters.push_back(item.value());
    group.names.push_back(item.key());
  }
  return group;
}

bool wants_mattes(const FitConfig& config) {
  return config.model.layer_output != LayerOutputKind::kDirect || config.loss.matting_weight > 0;
}

}  // namespace

void observe_textures(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives) {
  const torch::NoGradGuard guard;
  auto sums = model.textures()->empty_sums();
  const auto frames = observed_frames(data, 1);
  data.expect(frames);
  for (const int t : frames) {
    const auto batch = make_batch(data, {t}, {}, true);
    auto weight = (batch.trimap > 0.75).to(torch::kFloat) * batch.slot_weight.view({-1, 1, 1, 1});
    if (batch.visibility.defined())
      weight = weight * matte_trust(batch.visibility).known * (batch.matte.slice(1, 3, 4) > 0.9);
    model.textures()->splat(sums, batch.slot_object, batch.iuv, batch.frames.index_select(0, batch.slot_frame), weight);
  }
  model.set_texture_colors(collectives.sum(sums));
}

void observe_effects(LayeredModelImpl& model, const SceneData& data, const Collectives& collectives) {
  const torch::NoGradGuard guard;
  const int stride = (data.clip_frames() + kObservedFrames - 1) / kObservedFrames;
  const auto frames = observed_frames(data, stride);
  model.effects()->start();
  for (int round = 0; round < kObservationRounds; ++round) {
    auto sums = model.effects()->empty_sums();
    data.expect(repeated(frames, round + 1 < kObservationRounds ? 2 : 1));
    for (const int t : frames) model.effects()->add(make_batch(data, {t}, {}, true), sums);
    model.effects()->update(collectives.sum(sums));
  }
}

Image preview_picture(LayeredModel model, const SceneData& data) {
  const torch::NoGradGuard guard;
  const bool training = model->is_training();
  model->eval();
  const auto batch = make_batch(data, {busiest_frame(data)}, {}, model->options().skip_absent);
  const auto output = model->forward(batch, false);
  model->train(training);

  const auto layers = stack_layers(output.slots, batch);
  std::vector<torch::Tensor> pictures{batch.frames[0], over(output.background, layers)[0], output.background[0]};
  const auto gray = torch::full_like(output.background, kGray);
  for (std::int64_t n = 0; n < layers.size(1); ++n) pictures.push_back(over(gray, layers.slice(1, n, n + 1))[0]);
  return to_image((torch::cat(pictures, 2) + 1) * 127.5);
}

FitConfig fitting_config(FitConfig config, const SceneInfo& info) {
  if (config.model.background == BackgroundKind::kPlate && !info.has_plate) {
    log_warn("the scene has no plate (an older `retime` prepared it, or another program): using a neural background");
    config.model.background = BackgroundKind::kNeural;
    config.model.skip_absent = false;
  }
  if (wants_mattes(config) && (!info.has_mattes || config.model.background == BackgroundKind::kNeural)) {
    config.model.layer_output = LayerOutputKind::kDirect;
    config.loss.matting_weight = 0;
    if (config.loss.mask_loss == MaskLoss::kNone) {
      // The masks take the place of the mattes, for as long as those would have guided the fit.
      log_warn("the layers start from the masks, not from difference mattes");
      config.loss.mask_loss = MaskLoss::kPatent;
      const double end = config.loss.matting_epochs > 0 ? config.loss.matting_epochs : config.train.epochs;
      config.loss.mask_epochs = {0.5 * end, end};
    }
  }
  return config;
}

LayerTask::LayerTask(const SceneReader& scene, const FitConfig& config, const FitRanks& ranks,
                     PreviewWriter write_preview)
    : scene_(scene),
      config_(fitting_config(config, scene.info())),
      ranks_(ranks),
      write_preview_(std::move(write_preview)),
      schedule_(config_.loss) {
  const Phase phase("loading", Patience::kLong);
  const auto [first, last] = sampler().frames_of(ranks.communicator.rank(), ranks.communicator.size());
  data_ = std::make_unique<SceneData>(scene, first, last, wants_mattes(config_), ranks.device,
                                      cache_budget(config.train.cache_gib, ranks.device));
  torch::manual_seed(static_cast<std::uint64_t>(config_.train.seed));
  model_ = LayeredModel(config_.model, model_scene(scene, config_.model), ranks.collectives);
  move_module(*model_, ranks.device);
}

void LayerTask::observe_clip() {
  if (config_.model.observed_textures) observe_textures(*model_, *data_, *ranks_.collectives);
  if (config_.model.effect_prior && model_->completes()) observe_effects(*model_, *data_, *ranks_.collectives);
}

BatchSampler LayerTask::sampler() const {
  return BatchSampler(scene_.info().frame_count, config_.train.batch_frames,
                      static_cast<std::uint64_t>(config_.train.seed));
}

FitPlan LayerTask::plan() const {
  FitPlan plan{.stage = "training step",
               .label = "train",
               .place = "",
               .batch_option = "--batch-frames",
               .epochs = config_.train.epochs,
               .frame_count = scene_.info().frame_count,
               .sampler = sampler(),
               .sums = {}};
  for (const char* loss : kLossNames) plan.sums.push_back(sum_name(loss));
  return plan;
}

std::vector<FusedAdam::Group> LayerTask::groups() {
  std::vector<FusedAdam::Group> groups{group_of(*model_, false, 1)};
  auto plate = group_of(*model_, true, config_.train.plate_learning_rate);
  if (!plate.parameters.empty()) groups.push_back(std::move(plate));
  return groups;
}

double LayerTask::learning_rate(std::int64_t step, int epoch) const {
  return config_.train.learning_rate_at(step, epoch);
}

void LayerTask::begin_epoch(int /*epoch*/, const std::vector<int>& coming) {
  model_->train();
  data_->expect(coming);
}

// Either all ranks resample all frames or none does: even an identity resampling rounds.
std::vector<Augmentation> LayerTask::augmentations(const std::vector<int>& frames, int epoch) const {
  const auto& options = config_.train.augmentation;
  std::vector<Augmentation> result;
  if (options.probability <= 0 && epoch >= options.brightness_epochs) return result;
  const auto seed = static_cast<std::uint64_t>(config_.train.seed);
  for (const int frame : frames) result.push_back(augmentation_of(options, seed, epoch, std::max(frame, 0)));
  return result;
}

StepLoss LayerTask::loss(const StepFrames& frames, int epoch) {
  const auto batch = make_batch(*data_, frames.now, augmentations(frames.now, epoch), config_.model.skip_absent);
  enter_step_part(StepPart::kForward);
  const auto output = model_->forward(batch, config_.train.bf16);
  const auto loss = evaluate_losses(output, batch, config_.loss, schedule_.weights(epoch), *ranks_.collectives);
  return {loss.total, loss.parts};
}

EpochReport LayerTask::end_epoch(const EpochEnd& end) {
  const auto mean = (end.sums / static_cast<double>(end.at.epoch_step)).to(torch::kCPU);
  const auto weights = schedule_.weights(end.at.epoch);
  nlohmann::json line{{"epoch", end.at.epoch + 1},
                      {"step", end.at.step},
                      {"mask_weight", weights.mask},
                      {"matting_weight", weights.matting}};
  for (std::size_t i = 0; i < kLossNames.size(); ++i) {
    const double value = mean[static_cast<std::int64_t>(i)].item<float>();
    if (!std::isfinite(value))
      throw Error("the " + std::string(kLossNames[i]) + " loss is not finite in epoch " +
                  std::to_string(end.at.epoch + 1) +
                  " (the fit diverged): lower --learning-rate and run the same command again, it resumes");
    line[kLossNames[i]] = value;
  }
  if (weights.mask > 0) schedule_.observe(end.at.epoch, mean[1].item<float>());
  char note[40];
  std::snprintf(note, sizeof note, "reconstruction %.4f", mean[0].item<double>());
  return {std::move(line), note};
}

void LayerTask::after_epoch(int epoch) {
  const int every = config_.train.preview_epochs;
  if (!write_preview_ || every <= 0 || epoch % every != 0 || data_->frame_count() == 0) return;
  try {
    write_preview_(epoch, preview_picture(model_, *data_));
  } catch (const Error& error) {
    log_warn(std::string("a preview is missing: ") + error.what());  // A full disk is no reason to lose a fit.
  }
}

Checkpoint LayerTask::checkpoint(const FitPosition& at, const FusedAdam& optimizer) const {
  Checkpoint checkpoint{at.step, at.epoch, config_.text(), scene_.fingerprint(), false, {}, save_module(*model_)};
  checkpoint.schedule = {{"epoch_step", at.epoch_step}, {"threshold_epoch", schedule_.threshold_epoch()}};
  auto moments = optimizer.save();
  std::move(moments.begin(), moments.end(), std::back_inserter(checkpoint.arrays));
  return checkpoint;
}

Restored LayerTask::restore(const Checkpoint& checkpoint, const std::filesystem::path& file, FusedAdam& optimizer) {
  require_same_model(file, checkpoint, config_, scene_);
  load_module(*model_, checkpoint);
  optimizer.load(checkpoint);
  schedule_.set_threshold_epoch(static_cast<int>(checkpoint.schedule.at("threshold_epoch")));
  FitPosition at{checkpoint.step, static_cast<int>(checkpoint.epoch),
                 static_cast<int>(checkpoint.schedule.at("epoch_step"))};
  is_corrected_ = checkpoint.scene_fingerprint != scene_.fingerprint();
  if (is_corrected_) {
    at = {at.step, std::min(at.epoch, epoch_for_corrections(config_.train.epochs)), 0};
    log_warn("the scene was corrected after this fit was saved: it goes on with the corrected one, in epoch " +
             std::to_string(at.epoch + 1) + " of " + std::to_string(config_.train.epochs));
  }
  log_info("resumed from " + file.string() + " at epoch " + std::to_string(at.epoch));
  const auto before = FitConfig::from_text(checkpoint.config);
  const auto changes = option_changes(before, config_);
  if (!changes.empty()) log_info("going on with other options: " + changes);
  return {at, !is_corrected_ && before.train.batch_frames == config_.train.batch_frames &&
                  before.train.seed == config_.train.seed};
}

}  // namespace retime

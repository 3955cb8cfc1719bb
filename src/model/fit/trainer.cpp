#include "model/fit/trainer.hpp"

#include <chrono>
#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/fault_point.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/seconds_of.hpp"
#include "dist/device.hpp"
#include "dist/job_report.hpp"
#include "dist/step_timeline.hpp"
#include "model/fit/preview.hpp"
#include "model/scene/batch.hpp"
#include "model/state/model_state.hpp"
#include "model/state/resume.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

constexpr const char* kStage = "training step";
constexpr std::int64_t kMebibyte = 1 << 20;
constexpr int kObservedFrames = 240;    // tell where effects lie
constexpr int kObservationRounds = 12;  // of expectation maximisation

std::string loss_name(std::size_t i) { return std::string("epoch_") + kLossNames[i]; }

FusedAdam::Group group_of(const torch::nn::Module& module, bool plate, double rate_scale) {
  FusedAdam::Group group{{}, {}, rate_scale};
  for (const auto& item : module.named_parameters()) {
    if ((item.key() == "plate") != plate || !item.value().requires_grad()) continue;
    group.parameters.push_back(item.value());
    group.names.push_back(item.key());
  }
  return group;
}

std::unique_ptr<FusedAdam> make_optimizer(const torch::nn::Module& module, const TrainOptions& options) {
  std::vector<FusedAdam::Group> groups{group_of(module, false, 1)};
  auto plate = group_of(module, true, options.plate_learning_rate);
  if (!plate.parameters.empty()) groups.push_back(std::move(plate));
  return std::make_unique<FusedAdam>(std::move(groups));
}

std::unique_ptr<GradientReducer> make_reducer(const torch::nn::Module& module, const ProcessGroupPtr& group) {
  std::vector<at::Tensor> parameters;
  std::vector<std::string> names;
  for (const auto& item : module.named_parameters()) {
    parameters.push_back(item.value());
    names.push_back(item.key());
  }
  return std::make_unique<GradientReducer>(std::move(parameters), std::move(names), group);
}

double mebibytes(std::size_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

std::vector<int> repeated(const std::vector<int>& frames, int times) {
  std::vector<int> result;
  for (int i = 0; i < times; ++i) result.insert(result.end(), frames.begin(), frames.end());
  return result;
}

std::int64_t parameter_count(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

}  // namespace

void warn_of_idle_ranks(const BatchSampler& sampler, int world_size, const std::string& option) {
  if (world_size <= sampler.strata()) return;
  log_warn(std::to_string(world_size - sampler.strata()) + " of " + std::to_string(world_size) +
           " ranks have no frames (a step takes " + std::to_string(sampler.strata()) +
           "): start fewer ranks, or give " + option + " a multiple of them, which changes the fit");
}

FitConfig fitting_config(FitConfig config, const SceneInfo& info) {
  if (config.model.background == BackgroundKind::kPlate && !info.has_plate) {
    log_warn("the scene has no plate (an older `retime` prepared it, or another program): using a neural background");
    config.model.background = BackgroundKind::kNeural;
    config.model.skip_absent = false;
  }
  const bool wants_mattes = config.model.layer_output != LayerOutputKind::kDirect || config.loss.matting_weight > 0;
  if (wants_mattes && (!info.has_mattes || config.model.background == BackgroundKind::kNeural)) {
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

Trainer::Trainer(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
                 const Communicator& communicator, TrainHooks hooks)
    : scene_(scene),
      config_(fitting_config(config, scene.info())),
      run_(run),
      writer_(run_.checkpoints()),
      communicator_(communicator),
      hooks_(std::move(hooks)),
      device_(choose_device(config.train.device, communicator)),
      gradient_group_(make_process_group(communicator, device_, {.name = "gradients"})),
      value_group_(make_process_group(communicator, device_, {.name = "values"})),
      collectives_(std::make_shared<Collectives>(value_group_)),
      sampler_(scene.info().frame_count, config.train.batch_frames, static_cast<std::uint64_t>(config.train.seed)),
      schedule_(config_.loss),
      own_stop_(hooks_.stop ? nullptr : std::make_unique<StopSignal>(config.train.stop_limits())),
      stop_(hooks_.stop ? *hooks_.stop : *own_stop_),
      agreement_(stop_, communicator),
      guard_(kStage, config.train.skip_nonfinite, communicator, device_) {
  const Phase phase("loading", Patience::kLong);
  const auto [first, last] = sampler_.frames_of(communicator_.rank(), communicator_.size());
  const bool with_mattes = config_.model.layer_output != LayerOutputKind::kDirect || config_.loss.matting_weight > 0;
  data_ = std::make_unique<SceneData>(scene, first, last, with_mattes, device_,
                                      cache_budget(config.train.cache_gib, device_));
  torch::manual_seed(config_.train.seed);
  model_ = LayeredModel(config_.model, model_scene(scene, config_.model), collectives_);
  model_->to(device_);
  reducer_ = make_reducer(*model_, gradient_group_);
  optimizer_ = make_optimizer(*model_, config_.train);
  epoch_sums_ = torch::zeros({static_cast<std::int64_t>(kLossNames.size())}, device_);
  open_run();
  describe();
}

// What an earlier fit has left stays as it is until this one is known to be able to go on.
void Trainer::open_run() {
  run_on_root(communicator_, [&] {
    make_folder(run_.path());
    lock_ = std::make_unique<FolderLock>(run_.path());
  });
  std::filesystem::path file = config_.train.resume;
  if (config_.train.resume == "auto") file = newest_checkpoint(run_, communicator_);
  if (config_.train.resume == "none") file.clear();
  if (config_.train.resume == "auto" && file.empty())
    run_on_root(communicator_, [&] { run_.require_no_checkpoints(); });
  if (!file.empty()) run_on_all_ranks(communicator_, [&] { resume(file); });
  run_on_root(communicator_, [&] { take_over_folder(); });
  if (file.empty()) observe_clip();
}

void Trainer::take_over_folder() {
  if (config_.train.resume == "none")
    if (const int count = run_.checkpoints().clear())
      log_info("starting anew: " + std::to_string(count) + " earlier checkpoint(s) of " + run_.path().string() +
               " removed");
  run_.checkpoints().remove_leftovers();
  if (config_.train.resume == "auto") run_.checkpoints().set_aside_above(step_, "damaged");
  run_.create(scene_.path(), config_.text());
  run_.trim_metrics(epoch_);
}

std::int64_t Trainer::resident_bytes() const { return data_->resident_bytes(); }

void Trainer::describe() const {
  const int first = data_->first_frame(), count = data_->frame_count();
  report_job(communicator_, device_,
             count > 0 ? "frames " + std::to_string(first) + " to " + std::to_string(first + count - 1) : "no frames");
  const auto bytes = communicator_.all_reduce(resident_bytes(), Reduction::kMax);
  std::ostringstream text;
  text << scene_.info().frame_count << " frames of " << scene_.info().size.width << "x" << scene_.info().size.height
       << ", " << scene_.info().object_count() << " objects, at most " << (bytes + kMebibyte - 1) / kMebibyte
       << " MiB of them a rank; " << parameter_count(*model_) << " parameters; global batch of " << sampler_.strata()
       << " frames";
  if (const auto* stream = data_->stream())
    text << std::fixed << std::setprecision(1) << "; this rank's frames and maps take " << mebibytes(data_->bytes())
         << " MiB and are streamed within " << mebibytes(stream->budget()) << " MiB";
  log_info(text.str());
  if (communicator_.is_root()) warn_of_idle_ranks(sampler_, communicator_.size(), "--batch-frames");
}

void Trainer::resume(const std::filesystem::path& file) {
  const auto checkpoint = read_checkpoint(file);
  require_same_model(file, checkpoint, config_, scene_);
  load_module(*model_, checkpoint);
  optimizer_->load(checkpoint);
  step_ = saved_step_ = checkpoint.step;
  epoch_ = static_cast<int>(checkpoint.epoch);
  epoch_step_ = static_cast<int>(checkpoint.schedule.at("epoch_step"));
  schedule_.set_threshold_epoch(static_cast<int>(checkpoint.schedule.at("threshold_epoch")));
  if (communicator_.is_root())  // The sums of a started epoch go to one rank: what counts is their sum over ranks.
    for (std::size_t i = 0; i < kLossNames.size(); ++i)
      epoch_sums_[static_cast<std::int64_t>(i)] = checkpoint.schedule.at(loss_name(i));
  log_info("resumed from " + file.string() + " at epoch " + std::to_string(epoch_));
  adopt_changes(FitConfig::from_text(checkpoint.config));
}

// What may change between two runs of a fit.
void Trainer::adopt_changes(const FitConfig& before) {
  const auto changes = option_changes(before, config_);
  if (!changes.empty()) log_info("going on with other options: " + changes);
  const bool same_steps =
      before.train.batch_frames == config_.train.batch_frames && before.train.seed == config_.train.seed;
  if (same_steps || epoch_step_ == 0) return;
  log_info("epoch " + std::to_string(epoch_ + 1) + " begins anew, as other frames share its steps now");
  epoch_step_ = 0;
  epoch_sums_.zero_();
}

void Trainer::observe_clip() {
  if (config_.model.observed_textures) observe_textures();
  if (config_.model.effect_prior && model_->completes()) observe_effects();
}

// Every so many frames of the clip, as far as this rank has them.
std::vector<int> Trainer::observed_frames(int stride) const {
  std::vector<int> frames;
  const int first = data_->first_frame(), end = first + data_->frame_count();
  for (int t = (first + stride - 1) / stride * stride; t < end; t += stride) frames.push_back(t);
  return frames;
}

// Where each object's effects lie, from frames of the whole clip.
void Trainer::observe_effects() {
  const torch::NoGradGuard guard;
  const int stride = (scene_.info().frame_count + kObservedFrames - 1) / kObservedFrames;
  const auto frames = observed_frames(stride);
  model_->effects()->start();
  for (int round = 0; round < kObservationRounds; ++round) {
    auto sums = model_->effects()->empty_sums();
    data_->expect(repeated(frames, round + 1 < kObservationRounds ? 2 : 1));
    for (const int t : frames) model_->effects()->add(make_batch(*data_, {t}, {}, true), sums);
    model_->effects()->update(collectives_->sum(sums));
  }
}

// Colours of what is surely the object's own body, over the whole clip.
void Trainer::observe_textures() {
  const torch::NoGradGuard guard;
  auto sums = model_->textures()->empty_sums();
  const auto frames = observed_frames(1);
  data_->expect(frames);
  for (const int t : frames) {
    const auto batch = make_batch(*data_, {t}, {}, true);
    auto weight = (batch.trimap > 0.75).to(torch::kFloat) * batch.slot_weight.view({-1, 1, 1, 1});
    if (batch.visibility.defined())
      weight = weight * matte_trust(batch.visibility).known * (batch.matte.slice(1, 3, 4) > 0.9);
    model_->textures()->splat(sums, batch.slot_object, batch.iuv, batch.frames.index_select(0, batch.slot_frame),
                              weight);
  }
  model_->set_texture_colors(collectives_->sum(sums));
}

void Trainer::run() {
  model_->train();
  Progress progress("train", "epochs", config_.train.epochs, hooks_.show_progress && communicator_.is_root());
  progress.keep(epoch_ + part_of_epoch());
  while (epoch_ < config_.train.epochs) {
    const auto start = std::chrono::steady_clock::now();
    train_epoch(progress);
    finish_epoch(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    progress.update(epoch_, epoch_note_);
    if (epoch_ % config_.train.checkpoint_epochs == 0) save();
    if (config_.train.preview_epochs > 0 && epoch_ % config_.train.preview_epochs == 0) write_preview();
  }
  save();
  run_on_root(communicator_, [&] { writer_.finish(); });  // Whoever goes on to render finds the checkpoint.
}

double Trainer::part_of_epoch() const { return static_cast<double>(epoch_step_) / sampler_.steps_per_epoch(); }

void Trainer::train_epoch(Progress& progress) {
  const auto steps = sampler_.epoch(epoch_, communicator_.rank(), communicator_.size());
  data_->expect(sampler_.coming_frames(epoch_, epoch_step_, communicator_.rank(), communicator_.size()));
  Phase phase(kStage);
  while (epoch_step_ < sampler_.steps_per_epoch()) {
    phase.at(step_);
    fault_point(kStage, step_);
    const StepPartScope step(StepPart::kData);
    train_step(steps[static_cast<std::size_t>(epoch_step_)]);
    ++epoch_step_;
    ++step_;
    progress.within(part_of_epoch());
    enter_step_part(StepPart::kCommunication);
    stop_if_asked();
  }
}

void Trainer::train_step(const std::vector<int>& frames) {
  // Either all ranks resample all frames or none does: even an identity resampling rounds.
  const auto& options = config_.train.augmentation;
  const bool augments = options.probability > 0 || epoch_ < options.brightness_epochs;
  std::vector<Augmentation> augmentations;
  for (std::size_t b = 0; augments && b < frames.size(); ++b)
    augmentations.push_back(
        augmentation_of(options, static_cast<std::uint64_t>(config_.train.seed), epoch_, std::max(frames[b], 0)));
  reducer_->zero_grad();
  const auto batch = make_batch(*data_, frames, augmentations, config_.model.skip_absent);
  enter_step_part(StepPart::kForward);
  const auto output = model_->forward(batch, config_.train.bf16);
  const auto loss = evaluate_losses(output, batch, config_.loss, schedule_.weights(epoch_), *collectives_);
  enter_step_part(StepPart::kBackward);
  const auto total = guard_.spread(loss.total, step_);
  reducer_->backward(total);
  enter_step_part(StepPart::kOptimizer);
  const auto left_out = guard_.left_out(optimizer_->gradients(), total, step_, frames);
  optimizer_->step(config_.train.learning_rate_at(step_, epoch_), left_out);
  epoch_sums_ += StepGuard::counted(loss.parts, left_out);
}

void Trainer::finish_epoch(double seconds) {
  guard_.read_back();
  // The only read-back of the losses, once an epoch.
  const auto mean = (collectives_->sum(epoch_sums_) / static_cast<double>(epoch_step_)).to(torch::kCPU);
  const auto weights = schedule_.weights(epoch_);
  nlohmann::json line{{"epoch", epoch_ + 1},
                      {"step", step_},
                      {"seconds", seconds},
                      {"frames_per_s", scene_.info().frame_count / seconds},
                      {"save_wait_s", std::exchange(save_wait_s_, 0)},
                      {"learning_rate", config_.train.learning_rate_at(step_ - 1, epoch_)},
                      {"mask_weight", weights.mask},
                      {"matting_weight", weights.matting}};
  for (std::size_t i = 0; i < kLossNames.size(); ++i) {
    const double value = mean[static_cast<std::int64_t>(i)].item<float>();
    if (!std::isfinite(value))
      throw Error("the " + std::string(kLossNames[i]) + " loss is not finite in epoch " + std::to_string(epoch_ + 1) +
                  " (the fit diverged): lower --learning-rate and run the same command again, it resumes");
    line[kLossNames[i]] = value;
  }
  if (communicator_.is_root()) run_.append_metrics(line.dump());
  if (weights.mask > 0) schedule_.observe(epoch_, mean[1].item<float>());
  char note[40];
  std::snprintf(note, sizeof note, "reconstruction %.4f", mean[0].item<double>());
  epoch_note_ = note;
  epoch_sums_.zero_();
  epoch_step_ = 0;
  ++epoch_;
  saved_step_ = -1;  // A stop right after the epoch's last step has saved it as a started one.
}

void Trainer::save() {
  if (saved_step_ == step_) return;
  const SecondsOf time(save_wait_s_);
  const Phase phase("saving", Patience::kLong);
  const auto sums = collectives_->sum(epoch_sums_).to(torch::kCPU);
  saved_step_ = step_;
  if (!communicator_.is_root()) return;
  const bool milestone = epoch_step_ == 0 && config_.train.keep_every > 0 && epoch_ % config_.train.keep_every == 0;
  Checkpoint checkpoint{step_, epoch_, config_.text(), scene_.fingerprint(), milestone, {}, save_module(*model_)};
  checkpoint.schedule = {{"epoch_step", epoch_step_}, {"threshold_epoch", schedule_.threshold_epoch()}};
  for (std::size_t i = 0; i < kLossNames.size(); ++i)
    checkpoint.schedule[loss_name(i)] = sums[static_cast<std::int64_t>(i)].item<float>();
  auto moments = optimizer_->save();
  std::move(moments.begin(), moments.end(), std::back_inserter(checkpoint.arrays));
  writer_.write(std::move(checkpoint), config_.train.keep_checkpoints);
}

void Trainer::stop_if_asked() {
  if (!agreement_.reached()) return;
  guard_.read_back();
  save();
  const Phase phase("saving", Patience::kLong);
  run_on_root(communicator_, [&] { writer_.finish(); });  // No rank says that all is saved before it is.
  throw AgreedStop("stopped by " + stop_.reason() + " at step " + std::to_string(step_) +
                   " (everything is saved): run the same command again to go on");
}

void Trainer::write_preview() {
  if (!hooks_.write_preview || !communicator_.is_root() || data_->frame_count() == 0) return;
  char stem[32];
  std::snprintf(stem, sizeof stem, "epoch_%06d", epoch_);
  try {
    hooks_.write_preview(run_.previews() / stem, preview_picture(model_, *data_));
  } catch (const Error& error) {
    log_warn(std::string("a preview is missing: ") + error.what());  // A full disk is no reason to lose a fit.
  }
}

}  // namespace retime

#include "model/fit/upsample_trainer.hpp"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/fault_point.hpp"
#include "core/log.hpp"
#include "core/seconds_of.hpp"
#include "dist/device.hpp"
#include "model/fit/trainer.hpp"
#include "model/layers/composite.hpp"
#include "model/layers/layer_upsampler.hpp"
#include "model/net/autocast.hpp"
#include "model/state/fitted_model.hpp"
#include "model/state/model_state.hpp"
#include "model/state/resume.hpp"
#include "model/state/upsample_state.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

constexpr const char* kStage = "upsampling step";
constexpr int kRadius = UpsamplerImpl::kRadius;
constexpr std::uint64_t kWindow = 11;  // purpose of the random numbers

double learning_rate_at(const UpsampleOptions& options, int epoch) {
  TrainOptions rates;
  rates.learning_rate = options.learning_rate;
  rates.warmup_steps = 0;
  rates.decay_epochs = options.decay ? options.epochs : 0;
  return rates.learning_rate_at(0, epoch);
}

// One half for what is held at training size, the other for the full size.
CacheBudget half_of(const CacheBudget& budget) { return {budget.resident / 2, budget.streamed / 2}; }

// What to compute of every doubling, the last being `window` at full scale: each must give the next the pixels that it
// enlarges, and one more on each side.
std::vector<Window> windows_of_doublings(const Window& window, const FrameLayers& frame) {
  std::vector<Window> windows{window};
  for (int scale = frame.full_scale() / 2; scale >= 2; scale /= 2) {
    const auto& next = windows.front();
    const Window half{next.left / 2, next.top / 2, (next.right + 1) / 2, (next.bottom + 1) / 2};
    windows.insert(windows.begin(), padded(half, kRadius + 1, frame.size(scale)));
  }
  return windows;
}

std::vector<Patch> split_rows(const torch::Tensor& rows, const std::vector<FrameLayers>& frames) {
  std::vector<Patch> parts;
  std::int64_t first = 0;
  for (const auto& frame : frames) {
    parts.push_back({rows.slice(0, first, first + frame.rows()), {}});
    first += frame.rows();
  }
  return parts;
}

}  // namespace

UpsampleTrainer::UpsampleTrainer(const SceneReader& scene, const FitConfig& config, const std::filesystem::path& run,
                                 const std::filesystem::path& checkpoint, const Communicator& communicator,
                                 bool show_progress, StopSignal* stop)
    : scene_(scene),
      config_(config),
      run_(run),
      writer_(run_.checkpoints()),
      communicator_(communicator),
      show_progress_(show_progress),
      device_(choose_device(config.train.device, communicator)),
      gradient_group_(make_process_group(communicator, device_, {.name = "gradients"})),
      value_group_(make_process_group(communicator, device_, {.name = "values"})),
      collectives_(std::make_shared<Collectives>(value_group_)),
      sampler_(scene.info().frame_count, config.upsample.batch_frames, static_cast<std::uint64_t>(config.train.seed)),
      budget_(half_of(cache_budget(config.train.cache_gib, device_))),
      maps_(scene, device_),
      own_stop_(stop ? nullptr : std::make_unique<StopSignal>(config.train.stop_limits())),
      stop_(stop ? *stop : *own_stop_),
      agreement_(stop_, communicator),
      guard_(kStage, config.train.skip_nonfinite, communicator, device_) {
  const Phase phase("loading", Patience::kLong);
  run_on_root(communicator_, [&] { lock_ = std::make_unique<FolderLock>(run_.path()); });
  Checkpoint layers;
  run_on_all_ranks(communicator_, [&] { layers = read_checkpoint(checkpoint); });
  start(layers);
  if (communicator_.is_root()) warn_of_idle_ranks(sampler_, communicator_.size(), "--upsample-batch-frames");
  communicator_.barrier();
}

void UpsampleTrainer::start(const Checkpoint& checkpoint) {
  config_.model = FitConfig::from_text(checkpoint.config).model;  // as far as the scene could serve it
  model_ = load_fitted_model(scene_, checkpoint, device_);
  const auto [first, last] = sampler_.frames_of(communicator_.rank(), communicator_.size());
  data_ = std::make_unique<SceneData>(scene_, first, last, model_->uses_mattes(), device_, budget_);
  torch::manual_seed(config_.train.seed);
  network_ = Upsampler(config_.upsample, FrameLayers::input_channels(config_.model), collectives_);
  network_->to(device_);
  std::vector<std::string> names;
  for (const auto& item : network_->named_parameters()) names.push_back(item.key());
  reducer_ = std::make_unique<GradientReducer>(network_->parameters(), names, gradient_group_);
  optimizer_ = std::make_unique<FusedAdam>(std::vector<FusedAdam::Group>{{network_->parameters(), names, 1}});
  epoch_sum_ = torch::zeros({}, device_);

  layers_ = checkpoint;
  layers_.milestone = false;
  auto arrays = without_upsampler(std::exchange(layers_.arrays, {}));
  if (!communicator_.is_root()) arrays.clear();  // They go into the checkpoints, which rank 0 writes.
  layer_arrays_ = std::make_shared<const std::vector<NamedArray>>(std::move(arrays));
  if (has_upsampler(checkpoint)) run_on_all_ranks(communicator_, [&] { resume(checkpoint); });
  run_on_root(communicator_, [&] { run_.trim_metrics(epoch_, "upsample_epoch"); });
}

void UpsampleTrainer::resume(const Checkpoint& checkpoint) {
  const auto before = FitConfig::from_text(checkpoint.config);
  require_same_upsampler(before, config_);
  const auto part = upsampler_part(checkpoint);
  load_module(*network_, part);
  optimizer_->load(part);
  step_ = saved_step_ = static_cast<std::int64_t>(checkpoint.schedule.at("upsample_step"));
  epoch_ = static_cast<int>(checkpoint.schedule.at("upsample_epoch"));
  layers_.step -= step_;
  const bool same_steps =
      before.upsample.batch_frames == config_.upsample.batch_frames && before.train.seed == config_.train.seed;
  if (!same_steps) return;  // The epoch that was under way begins anew.
  epoch_step_ = static_cast<int>(checkpoint.schedule.at("upsample_epoch_step"));
  if (communicator_.is_root()) epoch_sum_.fill_(checkpoint.schedule.at("upsample_l1"));
}

std::int64_t UpsampleTrainer::resident_bytes() const {
  return data_->resident_bytes() + static_cast<std::int64_t>(maps_.bytes());
}

void UpsampleTrainer::run() {
  Progress progress("upsample", "epochs", config_.upsample.epochs, show_progress_ && communicator_.is_root());
  progress.keep(epoch_ + part_of_epoch());
  while (epoch_ < config_.upsample.epochs) {
    const auto begin = std::chrono::steady_clock::now();
    train_epoch(progress);
    finish_epoch(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    progress.update(epoch_, epoch_note_);
    if (epoch_ % config_.train.checkpoint_epochs == 0) save();
  }
  save();
  run_on_root(communicator_, [&] { writer_.finish(); });  // Whoever goes on to render finds the checkpoint.
}

double UpsampleTrainer::part_of_epoch() const { return static_cast<double>(epoch_step_) / sampler_.steps_per_epoch(); }

void UpsampleTrainer::train_epoch(Progress& progress) {
  network_->train(2 * epoch_ < config_.upsample.epochs);  // Then norm `frozen` keeps its statistics.
  const auto steps = sampler_.epoch(epoch_, communicator_.rank(), communicator_.size());
  data_->expect(sampler_.coming_frames(epoch_, epoch_step_, communicator_.rank(), communicator_.size()));
  Phase phase(kStage);
  while (epoch_step_ < sampler_.steps_per_epoch()) {
    phase.at(step_);
    fault_point(kStage, step_);
    const auto step = static_cast<std::size_t>(epoch_step_);
    maps_.prefetch(step + 1 < steps.size() ? steps[step + 1] : std::vector<int>{}, model_->uses_mattes());
    train_step(steps[step]);
    maps_.trim(budget_.streamed);
    ++epoch_step_;
    ++step_;
    progress.within(part_of_epoch());
    stop_if_asked();
  }
}

Window UpsampleTrainer::random_window(int frame) const {
  const Size size = scene_.info().full_size();
  const int scale = scene_.info().scale;
  KeyedRandom random(static_cast<std::uint64_t>(config_.train.seed), static_cast<std::uint64_t>(epoch_),
                     static_cast<std::uint64_t>(std::max(frame, 0)), kWindow);
  const auto place = [&](int length) {
    const int part = std::min(length, config_.upsample.crop / scale * scale);
    const int first = static_cast<int>(random.uniform() * ((length - part) / scale + 1)) * scale;
    return std::pair(first, first + part);
  };
  const auto [left, right] = place(size.width);
  const auto [top, bottom] = place(size.height);
  return {left, top, right, bottom};
}

void UpsampleTrainer::train_step(const std::vector<int>& numbers) {
  std::vector<FrameLayers> frames;
  std::vector<Window> windows;
  {
    const torch::NoGradGuard guard;
    for (const int number : numbers) {
      frames.emplace_back(model_, *data_, maps_, number);
      windows.push_back(random_window(number));
    }
  }
  reducer_->zero_grad();
  const auto rows = split_rows(upsampled(frames, windows), frames);
  torch::Tensor sum = torch::zeros({}, device_);
  double count = 0;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    auto& frame = frames[f];
    const auto counted = inner(windows[f], kRadius, scene_.info().full_size());
    const auto composite =
        over(frame.background(rows[f].pixels, windows[f]), stack_layers(frame.slots(rows[f].pixels), frame.batch()));
    const auto target = maps_.frame(frame.frame(), frame.full_scale(), counted);
    sum = sum + (cut({composite, windows[f]}, counted)[0] - target).abs().sum() * frame.weight();
    count += static_cast<double>(frame.weight()) * static_cast<double>(target.numel());
  }
  const auto total = collectives_->sum(torch::full({}, count, epoch_sum_.options()));
  const auto loss = sum / total;
  const auto spread = guard_.spread(loss, step_);
  reducer_->backward(spread);
  const auto left_out = guard_.left_out(optimizer_->gradients(), spread, step_, numbers);
  optimizer_->step(learning_rate_at(config_.upsample, epoch_), left_out);
  epoch_sum_ += StepGuard::counted(loss.detach(), left_out);
}

// Rows of all frames, each in its window, after all doublings: [R, 4, h, w] in [-1, 1].
torch::Tensor UpsampleTrainer::upsampled(std::vector<FrameLayers>& frames, const std::vector<Window>& windows) {
  std::vector<std::vector<Window>> places;
  std::vector<torch::Tensor> weights;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    places.push_back(windows_of_doublings(windows[f], frames[f]));
    weights.push_back(frames[f].row_weight());
  }
  std::vector<Patch> changes(frames.size());
  for (std::size_t doubling = 0, scale = 2;; ++doubling, scale *= 2) {
    const int s = static_cast<int>(scale);
    std::vector<torch::Tensor> layers, inputs;
    for (std::size_t f = 0; f < frames.size(); ++f) {
      const auto& window = places[f][doubling];
      layers.push_back(before_doubling(frames[f], s, window, changes[f]));
      inputs.push_back(frames[f].network_input(s, window, layers.back()));
    }
    const auto residual = [&] {
      const Autocast autocast(config_.train.bf16, device_.type());
      return network_->forward(torch::cat(inputs).contiguous(torch::MemoryFormat::ChannelsLast), torch::cat(weights));
    }();
    const auto result = (torch::cat(layers) + residual.to(torch::kFloat)).clamp(-1, 1);
    if (s == scene_.info().scale) return result;
    changes = split_rows(result, frames);
    for (std::size_t f = 0; f < frames.size(); ++f) {
      const auto& window = places[f][doubling];
      changes[f] = {changes[f].pixels - frames[f].enlarged(s, window), window};
      const auto valid = inner(window, kRadius, frames[f].size(s));
      changes[f] = {cut(changes[f], valid), valid};
    }
  }
}

void UpsampleTrainer::finish_epoch(double seconds) {
  guard_.read_back();
  // The only read-back of the loss, once an epoch.
  const double l1 = collectives_->sum(epoch_sum_).item<float>() / epoch_step_;
  if (!std::isfinite(l1))
    throw Error("the upsampling loss is not finite in epoch " + std::to_string(epoch_ + 1) +
                " (the training diverged): lower --upsample-learning-rate and run the same command again, it resumes");
  const nlohmann::json line{{"epoch", layers_.epoch},
                            {"upsample_epoch", epoch_ + 1},
                            {"step", layers_.step + step_},
                            {"seconds", seconds},
                            {"frames_per_s", scene_.info().frame_count / seconds},
                            {"save_wait_s", std::exchange(save_wait_s_, 0)},
                            {"learning_rate", learning_rate_at(config_.upsample, epoch_)},
                            {"upsample_l1", l1}};
  if (communicator_.is_root()) run_.append_metrics(line.dump());
  char note[40];
  std::snprintf(note, sizeof note, "L1 %.4f", l1);
  epoch_note_ = note;
  epoch_sum_.zero_();
  epoch_step_ = 0;
  ++epoch_;
  saved_step_ = -1;  // A stop right after the epoch's last step has saved it as a started one.
}

void UpsampleTrainer::save() {
  if (saved_step_ == step_) return;
  const SecondsOf time(save_wait_s_);
  const Phase phase("saving", Patience::kLong);
  const double sum = collectives_->sum(epoch_sum_).item<float>();
  saved_step_ = step_;
  if (!communicator_.is_root()) return;
  Checkpoint checkpoint = layers_;
  checkpoint.step += step_;
  checkpoint.config = config_.text();
  checkpoint.schedule["upsample_step"] = static_cast<double>(step_);
  checkpoint.schedule["upsample_epoch"] = epoch_;
  checkpoint.schedule["upsample_epoch_step"] = epoch_step_;
  checkpoint.schedule["upsample_l1"] = sum;
  checkpoint.milestone = epoch_step_ == 0 && config_.train.keep_every > 0 && epoch_ % config_.train.keep_every == 0;
  for (auto arrays : {save_module(*network_), optimizer_->save()})
    for (auto& array : named_as_upsampler(std::move(arrays))) checkpoint.arrays.push_back(std::move(array));
  writer_.write(std::move(checkpoint), config_.train.keep_checkpoints, layer_arrays_);
}

void UpsampleTrainer::stop_if_asked() {
  if (!agreement_.reached()) return;
  guard_.read_back();
  save();
  const Phase phase("saving", Patience::kLong);
  run_on_root(communicator_, [&] { writer_.finish(); });  // No rank says that all is saved before it is.
  throw AgreedStop("stopped by " + stop_.reason() + " at step " + std::to_string(step_) +
                   " of the upsampling network (everything is saved): run the same command again to go on");
}

}  // namespace retime

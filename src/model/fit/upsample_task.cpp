#include "model/fit/upsample_task.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "dist/step_timeline.hpp"
#include "model/layers/composite.hpp"
#include "model/layers/layer_upsampler.hpp"
#include "model/net/autocast.hpp"
#include "model/state/model_state.hpp"

namespace retime {
namespace {

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

UpsampleTask::UpsampleTask(const SceneReader& scene, const FitConfig& config, const Checkpoint& layers,
                           const FitRanks& ranks)
    : scene_(scene),
      config_(config),
      ranks_(ranks),
      budget_(half_of(cache_budget(config.train.cache_gib, ranks.device))),
      maps_(scene, ranks.device),
      layers_(layers) {
  const Phase phase("loading", Patience::kLong);
  config_.model = FitConfig::from_text(layers.config).model;  // as far as the scene could serve it
  model_ = load_fitted_model(scene_, layers, ranks.device);
  const auto [first, last] = sampler().frames_of(ranks.communicator.rank(), ranks.communicator.size());
  data_ = std::make_unique<SceneData>(scene_, first, last, model_->uses_mattes(), ranks.device, budget_);
  torch::manual_seed(static_cast<std::uint64_t>(config_.train.seed));
  network_ = Upsampler(config_.upsample, FrameLayers::input_channels(config_.model), ranks.collectives);
  move_module(*network_, ranks.device);

  layers_.milestone = false;
  auto arrays = without_upsampler(std::exchange(layers_.arrays, {}));
  if (!ranks.communicator.is_root()) arrays.clear();  // They go into the checkpoints, which rank 0 writes.
  layer_arrays_ = std::make_shared<const std::vector<NamedArray>>(std::move(arrays));
}

std::int64_t UpsampleTask::resident_bytes() const {
  return data_->resident_bytes() + static_cast<std::int64_t>(maps_.bytes());
}

BatchSampler UpsampleTask::sampler() const {
  return BatchSampler(scene_.info().frame_count, config_.upsample.batch_frames,
                      static_cast<std::uint64_t>(config_.train.seed));
}

FitPlan UpsampleTask::plan() const {
  return {.stage = "upsampling step",
          .label = "upsample",
          .place = " of the upsampling network",
          .batch_option = "--upsample-batch-frames",
          .epochs = config_.upsample.epochs,
          .frame_count = scene_.info().frame_count,
          .sampler = sampler(),
          .sums = {"upsample_l1"}};
}

double UpsampleTask::learning_rate(std::int64_t /*step*/, int epoch) const {
  return learning_rate_at(config_.upsample, epoch);
}

void UpsampleTask::begin_epoch(int epoch, const std::vector<int>& coming) {
  network_->train(2 * epoch < config_.upsample.epochs);  // Then norm `frozen` keeps its statistics.
  data_->expect(coming);
}

Window UpsampleTask::random_window(int frame, int epoch) const {
  const Size size = scene_.info().full_size();
  const int scale = scene_.info().scale;
  KeyedRandom random(static_cast<std::uint64_t>(config_.train.seed), static_cast<std::uint64_t>(epoch),
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

StepLoss UpsampleTask::loss(const StepFrames& step, int epoch) {
  maps_.prefetch(step.next, model_->uses_mattes());
  std::vector<FrameLayers> frames;
  std::vector<Window> windows;
  {
    const torch::NoGradGuard guard;
    for (const int number : step.now) {
      frames.emplace_back(model_, *data_, maps_, number);
      windows.push_back(random_window(number, epoch));
    }
  }
  enter_step_part(StepPart::kForward);
  const auto rows = split_rows(upsampled(frames, windows), frames);
  torch::Tensor sum = torch::zeros({}, ranks_.device);
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
  maps_.trim(budget_.streamed);
  const auto loss = sum / ranks_.collectives->sum(torch::full({}, count, sum.options()));
  return {loss, loss.detach().view({1})};
}

// Rows of all frames, each in its window, after all doublings: [R, 4, h, w] in [-1, 1].
torch::Tensor UpsampleTask::upsampled(std::vector<FrameLayers>& frames, const std::vector<Window>& windows) {
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
      const Autocast autocast(config_.train.bf16, ranks_.device.type());
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

EpochReport UpsampleTask::end_epoch(const EpochEnd& end) {
  const double l1 = end.sums.item<float>() / static_cast<float>(end.at.epoch_step);
  if (!std::isfinite(l1))
    throw Error("the upsampling loss is not finite in epoch " + std::to_string(end.at.epoch + 1) +
                " (the training diverged): lower --upsample-learning-rate and run the same command again, it resumes");
  char note[40];
  std::snprintf(note, sizeof note, "L1 %.4f", l1);
  return {{{"epoch", layers_.epoch},
           {"upsample_epoch", end.at.epoch + 1},
           {"step", layers_.step + end.at.step},
           {"upsample_l1", l1}},
          note};
}

Checkpoint UpsampleTask::checkpoint(const FitPosition& at, const FusedAdam& optimizer) const {
  Checkpoint checkpoint = layers_;
  checkpoint.step += at.step;
  checkpoint.config = config_.text();
  checkpoint.schedule["upsample_step"] = static_cast<double>(at.step);
  checkpoint.schedule["upsample_epoch"] = at.epoch;
  checkpoint.schedule["upsample_epoch_step"] = at.epoch_step;
  for (auto arrays : {save_module(*network_), optimizer.save()})
    for (auto& array : named_as_upsampler(std::move(arrays))) checkpoint.arrays.push_back(std::move(array));
  return checkpoint;
}

Restored UpsampleTask::restore(const Checkpoint& checkpoint, const std::filesystem::path& /*file*/,
                               FusedAdam& optimizer) {
  const auto before = FitConfig::from_text(checkpoint.config);
  require_same_upsampler(before, config_);
  const auto part = upsampler_part(checkpoint);
  load_module(*network_, part);
  optimizer.load(part);
  const auto number = [&](const char* name) { return static_cast<std::int64_t>(checkpoint.schedule.at(name)); };
  const FitPosition at{number("upsample_step"), static_cast<int>(number("upsample_epoch")),
                       static_cast<int>(number("upsample_epoch_step"))};
  layers_.step = checkpoint.step - at.step;
  return {at, before.upsample.batch_frames == config_.upsample.batch_frames && before.train.seed == config_.train.seed};
}

}  // namespace retime

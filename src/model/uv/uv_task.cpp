#include "model/uv/uv_task.hpp"

#include <torch/nn/functional/loss.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

#include "dist/step_timeline.hpp"
#include "model/net/autocast.hpp"
#include "model/scene/image_tensor.hpp"
#include "model/state/model_state.hpp"

namespace F = torch::nn::functional;

namespace retime {
namespace {

// Of a body's pixels in the cross-entropy: most of a picture is not the body, and says little.
constexpr double kBodyWeight = 3;

UvNetwork seeded_network(const UvConfig& config, const FitRanks& ranks) {
  torch::manual_seed(static_cast<std::uint64_t>(config.train.seed));
  UvNetwork network(config, ranks.collectives);
  move_module(*network, ranks.device);
  return network;
}

constexpr int kScoredTogether = 16;

std::vector<int> numbers(int first, int count) {
  std::vector<int> result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), first);
  return result;
}

}  // namespace

UvBatch make_uv_batch(const UvPairSource& source, int epoch, const std::vector<int>& indices, int size) {
  std::vector<torch::Tensor> planes, maps;
  std::vector<float> weights;
  for (const int index : indices) {
    const UvPair pair = source(epoch, std::max(index, 0));
    planes.push_back(joint_planes(pair.joints, size));
    maps.push_back(channels_first(pair.iuv).clone());
    weights.push_back(index < 0 ? 0.F : 1.F);
  }
  return {torch::stack(planes), torch::stack(maps), torch::tensor(weights)};
}

UvSums uv_sums(const UvPrediction& prediction, const torch::Tensor& iuv, const torch::Tensor& weight) {
  const auto part = iuv.select(1, 0).to(torch::kLong);  // [B, S, S]
  const auto counts = weight.view({-1, 1, 1}).expand_as(part);
  const auto body = (part > 0).to(torch::kFloat) * counts;
  UvSums sums;
  sums.all = counts.sum();
  sums.body = body.sum();
  const auto error = F::cross_entropy(prediction.parts, part, F::CrossEntropyFuncOptions().reduction(torch::kNone));
  sums.cross_entropy = (error * (counts + (kBodyWeight - 1) * body)).sum();
  const auto channel = (part - 1).clamp_min(0).unsqueeze(1).unsqueeze(2);  // [B, 1, 1, S, S]
  const auto uv = prediction.uv.gather(1, channel.expand({-1, -1, 2, -1, -1})).squeeze(1);
  const auto truth = iuv.slice(1, 1).to(torch::kFloat) / 255;
  sums.uv = ((uv - truth).abs().mean(1) * body).sum();
  sums.right = ((prediction.parts.argmax(1) == part) * body).sum();
  return sums;
}

UvTask::UvTask(const UvConfig& config, UvPairSource source, const FitRanks& ranks)
    : config_(config), source_(std::move(source)), ranks_(ranks), network_(seeded_network(config, ranks)) {}

UvTask::~UvTask() {
  if (drawn_.batch.valid()) drawn_.batch.wait();
}

FitPlan UvTask::plan() const {
  return {.stage = "training step",
          .label = "train uv",
          .place = "",
          .batch_option = "--batch-frames",
          .epochs = config_.train.epochs,
          .frame_count = config_.pairs,
          .sampler =
              BatchSampler(config_.pairs, config_.train.batch_frames, static_cast<std::uint64_t>(config_.train.seed)),
          .sums = {"parts", "uv", "accuracy"}};
}

double UvTask::learning_rate(std::int64_t step, int epoch) const { return config_.train.learning_rate_at(step, epoch); }

void UvTask::begin_epoch(int /*epoch*/, const std::vector<int>& /*coming*/) { network_->train(); }

UvBatch UvTask::take(int epoch, const std::vector<int>& indices) {
  if (!drawn_.batch.valid() || drawn_.epoch != epoch || drawn_.indices != indices) draw_ahead(epoch, indices);
  return drawn_.batch.get();
}

void UvTask::draw_ahead(int epoch, const std::vector<int>& indices) {
  if (drawn_.batch.valid()) drawn_.batch.wait();
  drawn_ = {epoch, indices, std::async(std::launch::async, [this, epoch, indices] {
              return make_uv_batch(source_, epoch, indices, config_.size);
            })};
}

StepLoss UvTask::loss(const StepFrames& frames, int epoch) {
  auto batch = take(epoch, frames.now);
  if (!frames.next.empty()) draw_ahead(epoch, frames.next);
  const auto on_device = upload({batch.planes, batch.iuv, batch.weight}, ranks_.device);
  enter_step_part(StepPart::kForward);
  const auto prediction = [&] {
    const Autocast autocast(config_.train.bf16, ranks_.device.type());
    return network_->forward(on_device[0].contiguous(torch::MemoryFormat::ChannelsLast), on_device[2]);
  }();
  const auto sums = uv_sums(prediction, on_device[1], on_device[2]);
  const auto counts = ranks_.collectives->sum(torch::stack({sums.all, sums.body}));
  const auto parts = sums.cross_entropy / counts[0];
  const auto body = counts[1].clamp_min(1);
  const auto uv = sums.uv / body;
  return {parts + config_.uv_weight * uv, torch::stack({parts.detach(), uv.detach(), sums.right / body})};
}

EpochReport UvTask::end_epoch(const EpochEnd& end) {
  const auto means = (end.sums / end.at.epoch_step).to(torch::kCPU);
  const double parts = means[0].item<double>(), uv = means[1].item<double>(), right = means[2].item<double>();
  if (!std::isfinite(parts + uv))
    throw Error("the loss is not finite in epoch " + std::to_string(end.at.epoch + 1) +
                " (the training diverged): lower --learning-rate and run the same command again, it resumes");
  char note[64];
  std::snprintf(note, sizeof note, "parts %.3f, uv %.3f", right, uv);
  return {{{"epoch", end.at.epoch + 1},
           {"step", end.at.step},
           {"cross_entropy", parts},
           {"uv_l1", uv},
           {"part_accuracy", right}},
          note};
}

Checkpoint UvTask::checkpoint(const FitPosition& at, const FusedAdam& optimizer) const {
  Checkpoint checkpoint{
      at.step, at.epoch, config_.text(), "", false, {{"epoch_step", at.epoch_step}}, save_module(*network_)};
  for (auto& array : optimizer.save()) checkpoint.arrays.push_back(std::move(array));
  return checkpoint;
}

Restored UvTask::restore(const Checkpoint& checkpoint, const std::filesystem::path& file, FusedAdam& optimizer) {
  const auto before = UvConfig::from_text(checkpoint.config);
  if (before.width != config_.width || before.size != config_.size)
    throw Error(file.string() + " is of a network of width " + std::to_string(before.width) + " for pictures of " +
                std::to_string(before.size) + " pixels (asked for: " + std::to_string(config_.width) + ", " +
                std::to_string(config_.size) + "): give the same options, or another folder");
  load_module(*network_, checkpoint);
  optimizer.load(checkpoint);
  const bool same = before.pairs == config_.pairs && before.train.batch_frames == config_.train.batch_frames &&
                    before.train.seed == config_.train.seed && before.pairs_from == config_.pairs_from;
  return {{checkpoint.step, static_cast<int>(checkpoint.epoch), static_cast<int>(checkpoint.schedule.at("epoch_step"))},
          same};
}

UvScore score_uv(UvNetwork& network, const UvPairSource& source, int count, int size, torch::Device device) {
  const torch::NoGradGuard guard;
  network->eval();
  auto sums = torch::zeros({5}, torch::TensorOptions(device).dtype(torch::kDouble));  // right, uv, body, both, either
  for (int first = 0; first < count; first += kScoredTogether) {
    const auto batch = make_uv_batch(source, 0, numbers(first, std::min(kScoredTogether, count - first)), size);
    const auto iuv = batch.iuv.to(device);
    const auto prediction = network->forward(batch.planes.to(device));
    const auto part = uv_sums(prediction, iuv, batch.weight.to(device));
    const auto told = prediction.parts.argmax(1) > 0, body = iuv.select(1, 0) > 0;
    sums += torch::stack(
        {part.right, part.uv, part.body, (told & body).sum().to(torch::kFloat), (told | body).sum().to(torch::kFloat)});
  }
  const auto read = sums.to(torch::kCPU);
  const auto value = [&](int i) { return read[i].item<double>(); };
  return {value(0) / value(2), value(1) / value(2), value(3) / value(4)};
}

void settle_statistics(UvNetwork& network, const UvConfig& config, const UvPairSource& source, torch::Device device) {
  const int batch = config.train.batch_frames;
  estimate_statistics(*network, config.model(), config.pairs / batch, [&](int step) {
    network->forward(make_uv_batch(source, 0, numbers(step * batch, batch), config.size).planes.to(device));
  });
}

}  // namespace retime

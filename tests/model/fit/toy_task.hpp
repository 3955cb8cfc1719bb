#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dist/torch.hpp"
#include "model/fit/fit_task.hpp"
#include "model/state/model_state.hpp"

namespace retime::test {

struct ToyNetImpl : torch::nn::Module {
  ToyNetImpl() { weight = register_parameter("weight", torch::zeros({3})); }
  torch::Tensor weight;
};
TORCH_MODULE(ToyNet);

/// The least task: a vector that learns the mean frame number. Writes down what it is asked.
class ToyTask final : public FitTask {
 public:
  static constexpr int kFrames = 5;

  explicit ToyTask(int epochs) : epochs_(epochs) {}

  FitPlan plan() const override {
    return {.stage = "toy step",
            .label = "toy",
            .place = " of the toy",
            .batch_option = "--toys",
            .epochs = epochs_,
            .frame_count = kFrames,
            .sampler = BatchSampler(kFrames, 2, 1),
            .sums = {"toy_loss", "toy_frames"}};
  }
  torch::nn::Module& module() override { return *net; }
  double learning_rate(std::int64_t step, int epoch) const override {
    return 0.1 / static_cast<double>(step + epoch + 1);
  }
  void begin_epoch(int epoch, const std::vector<int>& coming) override {
    calls.push_back("begin " + std::to_string(epoch));
    coming_frames.push_back(coming.size());
  }
  StepLoss loss(const StepFrames& frames, int /*epoch*/) override {
    next_frames.push_back(frames.next.size());
    torch::Tensor total = torch::zeros({});
    float count = 0;
    for (const int frame : frames.now) {
      if (frame < 0) continue;
      total = total + (net->weight - frame).abs().sum();
      ++count;
    }
    return {total, torch::stack({total.detach(), torch::tensor(count)})};
  }
  EpochReport end_epoch(const EpochEnd& end) override {
    calls.push_back("end " + std::to_string(end.at.epoch));
    sums.push_back(end.sums.clone());
    return {{{"toy_epoch", end.at.epoch + 1}}, "toy"};
  }
  void after_epoch(int epoch) override { calls.push_back("after " + std::to_string(epoch)); }
  Checkpoint checkpoint(const FitPosition& at, const FusedAdam& optimizer) const override {
    Checkpoint checkpoint{at.step, at.epoch, "", "", false, {{"epoch_step", at.epoch_step}}, save_module(*net)};
    for (auto& array : optimizer.save()) checkpoint.arrays.push_back(std::move(array));
    return checkpoint;
  }
  Restored restore(const Checkpoint& checkpoint, const std::filesystem::path& /*file*/, FusedAdam& optimizer) override {
    load_module(*net, checkpoint);
    optimizer.load(checkpoint);
    return {
        {checkpoint.step, static_cast<int>(checkpoint.epoch), static_cast<int>(checkpoint.schedule.at("epoch_step"))},
        same_steps};
  }

  ToyNet net;
  bool same_steps = true;  ///< what `restore` says
  std::vector<std::string> calls;
  std::vector<std::size_t> coming_frames, next_frames;
  std::vector<torch::Tensor> sums;

 private:
  int epochs_;
};

}  // namespace retime::test

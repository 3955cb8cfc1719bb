#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dist/torch.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Keeps steps whose loss or gradient is not finite, on any rank, from the model, and ends a fit in which too many of
/// them follow each other. All ranks decide alike on the device, without a read-back: the sum of gradients carries the
/// news. What was decided is read back every few steps on a GPU, asynchronously, and at once on a CPU.
class StepGuard {
 public:
  struct Options {
    const char* stage;      ///< names the steps: "training step"
    int most_skipped;       ///< skipped steps in a row that it bears
    std::string hint = {};  ///< what to do besides when there were more
  };
  StepGuard(Options options, const Communicator& communicator, torch::Device device);
  ~StepGuard();

  /// The loss, such that every gradient becomes NaN if it is not finite.
  torch::Tensor spread(const torch::Tensor& loss, std::int64_t step) const;
  /// After the backward pass of `spread`: 1 if the step is to be left out, else 0; [] float on the device. `loss` and
  /// `frames` are those of this rank, for the message. Throws AgreedError, on all ranks in the same call, after too
  /// many steps in a row. This call is MPI collective.
  torch::Tensor left_out(const std::vector<torch::Tensor>& gradients, const torch::Tensor& loss, std::int64_t step,
                         const std::vector<int>& frames);
  /// `values` if the step counts, else zeros.
  static torch::Tensor counted(const torch::Tensor& values, const torch::Tensor& left_out);
  /// Reads everything back that was decided so far. Throws as `left_out`. This call is MPI collective.
  void read_back();

 private:
  struct Noted {
    std::int64_t step;
    std::vector<int> frames;
  };
  struct Pending;
  void send_back();
  void examine_pending();
  void examine(const torch::Tensor& flags, const std::vector<Noted>& noted);
  void note_left_out(const Noted& noted, bool is_local);
  std::set<int> suspects(const Noted& noted, bool is_local) const;

  Options options_;
  Communicator communicator_;
  torch::Device device_;
  torch::Tensor one_;
  torch::Tensor flags_;  ///< [steps, 2] float on the device: left out, loss of this rank not finite
  std::vector<Noted> noted_;
  std::unique_ptr<Pending> pending_;  ///< on its way from the GPU
  int in_a_row_ = 0;
  std::set<int> suspects_;  ///< frames of the steps in a row
};

}  // namespace retime

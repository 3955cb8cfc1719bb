#include "model/step/step_guard.hpp"

#include <ATen/cuda/CUDAEvent.h>

#include <limits>
#include <sstream>
#include <utility>

#include "core/files.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

constexpr std::int64_t kStepsOnDevice = 16;  // before one read-back of them all

std::string listed(const std::set<int>& numbers) {
  std::ostringstream text;
  const char* separator = "";
  for (const int number : numbers) text << std::exchange(separator, ", ") << number;
  return text.str();
}

}  // namespace

struct StepGuard::Pending {
  torch::Tensor flags;  ///< in pinned memory
  std::vector<Noted> noted;
  at::cuda::CUDAEvent copied;
};

StepGuard::StepGuard(Options options, const Communicator& communicator, torch::Device device)
    : options_(std::move(options)),
      communicator_(communicator),
      device_(device),
      one_(torch::ones({}, device)),
      flags_(torch::zeros({device.is_cpu() ? 1 : kStepsOnDevice, 2}, device)) {}

StepGuard::~StepGuard() = default;

torch::Tensor StepGuard::spread(const torch::Tensor& loss, std::int64_t step) const {
  if (fault_wanted("nan", options_.stage, step)) return loss * std::numeric_limits<double>::quiet_NaN();
  return loss * (loss.detach() * 0 + 1);
}

torch::Tensor StepGuard::left_out(const std::vector<torch::Tensor>& gradients, const torch::Tensor& loss,
                                  std::int64_t step, const std::vector<int>& frames) {
  const torch::NoGradGuard guard;
  auto found = torch::zeros({}, one_.options());
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, found, one_);
  flags_[static_cast<std::int64_t>(noted_.size())].copy_(
      torch::stack({found, loss.detach().isfinite().logical_not().to(torch::kFloat)}));
  noted_.push_back({step, frames});
  if (static_cast<std::int64_t>(noted_.size()) == flags_.size(0)) send_back();
  return found;
}

torch::Tensor StepGuard::counted(const torch::Tensor& values, const torch::Tensor& left_out) {
  return torch::where(left_out == 0, values, torch::zeros_like(values));
}

void StepGuard::send_back() {
  if (device_.is_cpu()) return examine(flags_, std::exchange(noted_, {}));
  examine_pending();
  pending_ = std::make_unique<Pending>();
  pending_->flags = torch::empty(flags_.sizes(), torch::TensorOptions(torch::kFloat).pinned_memory(true));
  pending_->flags.copy_(flags_, /*non_blocking=*/true);
  pending_->noted = std::exchange(noted_, {});
  pending_->copied.record();
}

void StepGuard::examine_pending() {
  if (!pending_) return;
  const auto pending = std::move(pending_);
  pending->copied.synchronize();
  examine(pending->flags, pending->noted);
}

void StepGuard::read_back() {
  examine_pending();
  if (!noted_.empty()) examine(flags_.cpu(), std::exchange(noted_, {}));
}

void StepGuard::examine(const torch::Tensor& flags, const std::vector<Noted>& noted) {
  const auto values = flags.accessor<float, 2>();
  for (std::size_t i = 0; i < noted.size(); ++i) {
    const auto row = values[static_cast<std::int64_t>(i)];
    if (row[0] != 0) {
      note_left_out(noted[i], row[1] != 0);
    } else {
      in_a_row_ = 0;
      suspects_.clear();
    }
  }
}

// Frames of the ranks whose own loss was not finite, or of all ranks where only the gradient was not.
std::set<int> StepGuard::suspects(const Noted& noted, bool is_local) const {
  const bool anywhere = communicator_.all_reduce(is_local ? 1 : 0, Reduction::kMax) != 0;
  std::ostringstream mine;
  for (const int frame : noted.frames)
    if (frame >= 0 && (is_local || !anywhere)) mine << frame << ' ';
  std::set<int> all;
  for (const auto& part : communicator_.all_gather(mine.str())) {
    std::istringstream numbers(part);
    for (int frame = 0; numbers >> frame;) all.insert(frame);
  }
  return all;
}

void StepGuard::note_left_out(const Noted& noted, bool is_local) {
  const auto frames = suspects(noted, is_local);
  suspects_.insert(frames.begin(), frames.end());
  const std::string step = std::string(options_.stage) + " " + std::to_string(noted.step);
  if (++in_a_row_ > options_.most_skipped)
    throw AgreedError("the loss or its gradient was not finite " + std::to_string(in_a_row_) +
                      " times in a row, last in " + step + " (frames " + listed(suspects_) +
                      "): lower --learning-rate, or look at these frames" +
                      (options_.hint.empty() ? "" : "; " + options_.hint));
  if (communicator_.is_root())
    log_warn(step + " is left out: its loss or gradient is not finite (frames " + listed(frames) + "; " +
             std::to_string(in_a_row_) + " of at most " + std::to_string(options_.most_skipped) + " in a row)");
}

}  // namespace retime

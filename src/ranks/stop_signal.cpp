#include "ranks/stop_signal.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>

#include "core/error.hpp"

namespace retime {
namespace {

using Clock = std::chrono::steady_clock;

/// Above every signal number, so that the largest code of the ranks names the limit when both hold.
constexpr int kTimeLimit = 1000;

std::atomic<int> received_signal{0};
std::atomic<bool> in_use{false};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int signal_number) { received_signal.store(signal_number); }

Clock::time_point after(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

std::optional<double> seconds_to_job_end() {
  const char* text = std::getenv("SLURM_JOB_END_TIME");
  const double end_s = text == nullptr ? 0 : std::strtod(text, nullptr);
  if (end_s <= 0) return std::nullopt;
  return end_s - std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::optional<Clock::time_point> deadline_of(const StopLimits& limits) {
  std::optional<Clock::time_point> deadline;
  if (limits.max_seconds > 0) deadline = after(limits.max_seconds);
  const auto job_s = limits.job_end_margin_s > 0 ? seconds_to_job_end() : std::nullopt;
  if (job_s) {
    const auto job_deadline = after(*job_s - limits.job_end_margin_s);
    deadline = deadline ? std::min(*deadline, job_deadline) : job_deadline;
  }
  return deadline;
}

}  // namespace

StopSignal::StopSignal(const StopLimits& limits) : deadline_(deadline_of(limits)) {
  if (in_use.exchange(true)) throw Error("a second StopSignal was made (signal handlers exist once): share the first");
  received_signal = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART | (kSignals[i] == SIGINT ? static_cast<int>(SA_RESETHAND) : 0);
    sigaction(kSignals[i], &action, &former_[i]);
  }
}

StopSignal::~StopSignal() {
  const bool ends_program = agreed_code_ != 0 && std::uncaught_exceptions() > 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    if (ends_program && kSignals[i] != SIGINT) {
      std::signal(kSignals[i], SIG_IGN);
    } else {
      sigaction(kSignals[i], &former_[i], nullptr);
    }
  }
  in_use = false;
}

int StopSignal::local_code() const noexcept {
  return deadline_ && Clock::now() >= *deadline_ ? kTimeLimit : received_signal.load();
}

std::string StopSignal::reason() const {
  switch (agreed_code_) {
    case 0:
      return "";
    case SIGTERM:
      return "SIGTERM";
    case SIGUSR2:
      return "SIGUSR2";
    case SIGINT:
      return "SIGINT";
    default:
      return "the time limit";
  }
}

}  // namespace retime

#include "core/activity.hpp"

#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <exception>
#include <mutex>

namespace retime {
namespace {

constexpr std::int64_t kNoNumber = -1;

std::atomic<const char*> phase_name{"starting"};
std::atomic<std::int64_t> phase_number{kNoNumber};
std::atomic<Patience> phase_patience{Patience::kLong};
std::atomic<std::uint64_t> progress_signs{0};
std::atomic<std::uint64_t> joined_collectives{0};

std::mutex failure_mutex;
std::string failed_phase;

std::string phase_text() {
  const std::int64_t number = phase_number.load();
  return number == kNoNumber ? phase_name.load() : fmt::format("{} {}", phase_name.load(), number);
}

void remember_failure() {
  const std::lock_guard lock(failure_mutex);
  if (failed_phase.empty()) failed_phase = phase_text();
}

}  // namespace

Phase::Phase(const char* name, Patience patience)
    : outer_name_(phase_name.exchange(name)),
      outer_number_(phase_number.exchange(kNoNumber)),
      outer_patience_(phase_patience.exchange(patience)),
      exceptions_(std::uncaught_exceptions()) {
  note_progress();
}

Phase::~Phase() {
  if (std::uncaught_exceptions() > exceptions_) remember_failure();
  phase_name = outer_name_;
  phase_number = outer_number_;
  phase_patience = outer_patience_;
  note_progress();
}

void Phase::at(std::int64_t number) {
  phase_number = number;
  note_progress();
}

Activity current_activity() {
  return {phase_text(), progress_signs.load(), joined_collectives.load(), phase_patience.load()};
}

void note_progress() noexcept { progress_signs.fetch_add(1, std::memory_order_relaxed); }

void note_collective() noexcept {
  joined_collectives.fetch_add(1, std::memory_order_relaxed);
  note_progress();
}

std::string phase_of_failure() {
  const std::lock_guard lock(failure_mutex);
  return failed_phase.empty() ? phase_text() : failed_phase;
}

}  // namespace retime

#include "core/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/activity.hpp"
#include "core/progress_file.hpp"

namespace retime {
namespace {

constexpr double kTerminalPeriod_s = 0.2;
constexpr double kLinePeriod_s = 5;
constexpr int kBarWidth = 28;

}  // namespace

std::string format_duration(double seconds) {
  char text[48];
  const auto s = static_cast<long long>(std::ceil(std::max(seconds, 0.0)));
  if (s < 60)
    std::snprintf(text, sizeof text, "%lld s", s);
  else if (s < 3600)
    std::snprintf(text, sizeof text, "%lld min %02lld s", s / 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%lld h %02lld min", s / 3600, s % 3600 / 60);
  return text;
}

Progress::Progress(std::string label, std::string unit, std::int64_t total, bool enabled)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      enabled_(enabled),
      terminal_(::isatty(STDERR_FILENO) != 0) {
  write_file();
}

Progress::~Progress() {
  if (enabled_ && done_ > 0) print(true);
}

double Progress::elapsed_s() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void Progress::update(std::int64_t done, const std::string& note) {
  note_progress();
  // A resumed stage starts above zero; its rate counts only what was done now.
  if (start_done_ < 0) start_done_ = done > 1 ? done - 1 : 0;
  done_ = done;
  note_ = note;
  last_ = Clock::now();
  tell();
}

void Progress::skip(std::int64_t units) {
  note_progress();
  start_done_ = std::max<std::int64_t>(start_done_, 0) + units;
  done_ += units;
  skipped_s_ += std::chrono::duration<double>(Clock::now() - last_).count();
  last_ = Clock::now();
  tell();
}

void Progress::tell() {
  const double since_s = std::chrono::duration<double>(Clock::now() - printed_).count();
  if (enabled_ && since_s >= (terminal_ ? kTerminalPeriod_s : kLinePeriod_s)) print(false);
  write_file();
}

// Units per second since the start of this process, of those that it did itself.
double Progress::rate() const {
  const auto worked = static_cast<double>(done_ - std::max<std::int64_t>(start_done_, 0));
  return worked / std::max(elapsed_s() - skipped_s_, 1e-9);
}

void Progress::write_file() const {
  if (!enabled_) return;
  ProgressState state{label_, unit_, done_, total_};
  if (total_ >= done_ && rate() > 0) state.left_s = static_cast<double>(total_ - done_) / rate();
  publish_progress(state);
}

std::string Progress::line() const {
  const double per_s = rate();
  char text[160];
  const std::string total = total_ > 0 ? "/" + std::to_string(total_) : "";
  std::snprintf(text, sizeof text, "%s %lld%s %s, %.3g/s", label_.c_str(), static_cast<long long>(done_), total.c_str(),
                unit_.c_str(), per_s);
  std::string result = text;
  if (total_ > done_ && per_s > 0)
    result += ", " + format_duration(static_cast<double>(total_ - done_) / per_s) + " left";
  if (total_ > 0 && total_ == done_) result += ", took " + format_duration(elapsed_s());
  return note_.empty() ? result : result + ", " + note_;
}

void Progress::print(bool last) {
  printed_ = Clock::now();
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", line().c_str());
    return;
  }
  const int filled = total_ > 0 ? static_cast<int>(kBarWidth * std::min(done_, total_) / total_) : 0;
  const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                          std::string(static_cast<std::size_t>(kBarWidth - filled), '.');
  std::fprintf(stderr, "\r\033[K[%s] %s%s", bar.c_str(), line().c_str(), last ? "\n" : "");
  std::fflush(stderr);
}

}  // namespace retime

#include "core/progress.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/activity.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime {
namespace {

constexpr std::size_t kMostMarks = 256;  // even, so that the last of one more stays
constexpr double kTerminalPeriod_s = 0.2;
constexpr double kLinePeriod_s = 5;
constexpr double kFilePeriod_s = 1;
constexpr int kBarWidth = 28;
constexpr double kRounding = 1e-6;

double steady_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

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

ProgressView ProgressView::standard_error() {
  const auto write = [](const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  };
  return {::isatty(STDERR_FILENO) != 0, write, steady_s};
}

Progress::Progress(std::string label, std::string unit, std::int64_t total, bool enabled, ProgressView view)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      enabled_(enabled),
      view_(std::move(view)),
      start_s_(view_.now_s()),
      last_s_(start_s_),
      printed_s_(start_s_),
      exceptions_(std::uncaught_exceptions()) {
  if (enabled_ && view_.is_terminal) print(false);
  write_file();
}

Progress::~Progress() {
  if (!enabled_ || ended_) return;
  if (position_ > 0)
    print(true);
  else if (view_.is_terminal)
    view_.write("\r\033[K");
}

double Progress::seconds_since_last() {
  const double before_s = last_s_;
  last_s_ = view_.now_s();
  return last_s_ - before_s;
}

void Progress::keep(double units) {
  note_progress();
  seconds_since_last();
  position_ += units;
  done_ = static_cast<std::int64_t>(position_ + kRounding);
  show();
}

void Progress::update(std::int64_t done, const std::string& note) {
  done_ = done;
  note_ = note;
  advance(static_cast<double>(done));
}

void Progress::within(double share) { advance(static_cast<double>(done_) + std::clamp(share, 0.0, 1.0)); }

void Progress::advance(double position) {
  note_progress();
  rate_.add(std::max(0.0, position - position_), seconds_since_last());
  position_ = position;
  show();
}

void Progress::show() {
  const double period_s = view_.is_terminal ? kTerminalPeriod_s : kLinePeriod_s;
  const bool ends = is_complete() && !ended_;
  if (enabled_ && (ends || (!ended_ && last_s_ - printed_s_ >= period_s))) print(ends);
  write_file();
}

double Progress::left_s() const {
  const double per_s = rate_.per_s();
  return per_s > 0 ? std::max(0.0, static_cast<double>(total_) - position_) / per_s : -1;
}

void Progress::write_file() const {
  if (!enabled_) return;
  ProgressState state{label_, unit_, done_, total_};
  if (total_ >= done_) state.left_s = is_complete() ? 0 : left_s();
  publish_progress(state);
}

std::string Progress::line(bool last) const {
  std::string text =
      label_ + " " + std::to_string(done_) + (total_ > 0 ? "/" + std::to_string(total_) : "") + " " + unit_;
  if (const double per_s = rate_.per_s(); per_s > 0) {
    char rate[32];
    std::snprintf(rate, sizeof rate, ", %.3g/s", per_s);
    text += rate;
  }
  if (total_ > done_ && left_s() >= 0) text += ", " + format_duration(left_s()) + " left";
  if (is_complete() || (total_ == 0 && last)) text += ", took " + format_duration(elapsed_s());
  return note_.empty() ? text : text + ", " + note_;
}

// Without a total there is a bar at the end only, unless an exception ends it.
std::string Progress::bar(bool last) const {
  if (total_ == 0 && (!last || std::uncaught_exceptions() > exceptions_)) return "";
  const double share = total_ > 0 ? std::min(1.0, position_ / static_cast<double>(total_)) : 1;
  const auto filled = static_cast<std::size_t>(kBarWidth * share);
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] ";
}

void Progress::print(bool last) {
  printed_s_ = last_s_;
  ended_ = last;
  if (view_.is_terminal)
    view_.write("\r\033[K" + bar(last) + line(last) + (last ? "\n" : ""));
  else
    view_.write(line(last) + "\n");
}

void WorkRate::add(double units, double seconds) {
  const Mark now{marks_.back().units + units, marks_.back().seconds + seconds};
  if (since_mark_ > 0 && since_mark_ < calls_per_mark_)
    marks_.back() = now;
  else
    marks_.push_back(now);
  since_mark_ = since_mark_ % calls_per_mark_ + 1;
  if (marks_.size() > kMostMarks && since_mark_ == calls_per_mark_) thin_out();
}

// Every other mark goes; those that stay are equally far apart.
void WorkRate::thin_out() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < marks_.size(); i += 2) marks_[kept++] = marks_[i];
  marks_.resize(kept);
  calls_per_mark_ *= 2;
  since_mark_ = calls_per_mark_;
}

double WorkRate::seconds_at(double units) const {
  const auto after =
      std::find_if(marks_.begin() + 1, marks_.end(), [&](const Mark& mark) { return mark.units >= units; });
  const auto before = after - 1;
  const double share = (units - before->units) / (after->units - before->units);
  return before->seconds + share * (after->seconds - before->seconds);
}

double WorkRate::per_s() const {
  const auto& last = marks_.back();
  if (last.units <= 0) return 0;
  const double taken_s = last.seconds - seconds_at(last.units / 2);
  return taken_s > 0 ? last.units / 2 / taken_s : 0;
}

double ProgressState::left_now_s() const {
  return left_s < 0 ? left_s : std::max(0.0, left_s - std::max(0.0, now_s() - written_s));
}

std::string progress_text(const ProgressState& state) {
  const std::string total = state.total > 0 ? fmt::format("/{}", state.total) : "";
  return fmt::format("{} {}{} {}", state.stage, state.done, total, state.unit);
}

void publish_progress(const ProgressState& state) noexcept {
  const char* file = std::getenv("RETIME_PROGRESS_FILE");
  if (!file) return;
  static std::mutex mutex;
  static double written_s = 0;
  const std::lock_guard lock(mutex);
  if (state.done > 0 && state.done != state.total && now_s() < written_s + kFilePeriod_s && now_s() >= written_s)
    return;
  written_s = now_s();
  write_progress_file(file, state);
}

void write_progress_file(const fs::path& path, ProgressState state) noexcept {
  try {
    const json text{{"stage", state.stage}, {"unit", state.unit},     {"done", state.done},
                    {"total", state.total}, {"left_s", state.left_s}, {"written_s", now_s()}};
    // Not synced: after a crash of the machine nobody wants to know.
    const auto temporary = temporary_name(path);
    std::ofstream out(temporary, std::ios::binary);
    out << text.dump() << '\n';
    out.close();
    std::error_code ignored;
    if (out) fs::rename(temporary, path, ignored);
    if (!out || ignored) fs::remove(temporary, ignored);
  } catch (const std::exception&) {
  }
}

std::optional<ProgressState> read_progress_file(const fs::path& path) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  const json text = json::parse(in, nullptr, false);
  if (!text.is_object()) return std::nullopt;
  try {
    return ProgressState{text.at("stage"), text.at("unit"),   text.at("done"),
                         text.at("total"), text.at("left_s"), text.at("written_s")};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace retime

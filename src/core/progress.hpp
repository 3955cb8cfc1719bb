#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace retime {

/// How fast work goes. The more recent half of it counts: a slow first unit (start-up, caches) is soon forgotten, and
/// a rate that changes is followed.
class WorkRate {
 public:
  /// `units` of work, not below 0, took `seconds`.
  void add(double units, double seconds);
  /// Units per second; 0 as long as it is not known.
  double per_s() const;

 private:
  struct Mark {
    double units, seconds;  ///< from the beginning
  };
  /// When `units` were done, between the marks around that.
  double seconds_at(double units) const;

  void thin_out();

  std::vector<Mark> marks_{{0, 0}};  ///< the last is of now
  int calls_per_mark_ = 1, since_mark_ = 0;
};

/// Where progress is shown, and by which clock.
struct ProgressView {
  bool is_terminal = false;  ///< a bar that renews itself, else a line every few seconds
  std::function<void(const std::string&)> write;
  std::function<double()> now_s;  ///< never goes back

  static ProgressView standard_error();
};

/// Progress of one stage on standard error: on a terminal a bar that renews itself, elsewhere a line every few seconds,
/// each with the rate and the time left. The rate is that of the work done while this lives. Silent when `enabled` is
/// false (ranks above 0, tests). Where the environment variable RETIME_PROGRESS_FILE names a file, that tells the same
/// to other programs.
class Progress {
 public:
  /// `total` 0: not known.
  Progress(std::string label, std::string unit, std::int64_t total, bool enabled = true,
           ProgressView view = ProgressView::standard_error());
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `units` more are there from before, a unit that was begun with its share: done, but no work of now, and the time
  /// since the last call is not counted either.
  void keep(double units);
  /// Sets what is done so far; `note` is shown behind the rate. A sign of life for the watch over ranks.
  void update(std::int64_t done, const std::string& note = "");
  /// Sets how much of the unit under way is done, in [0, 1]. A sign of life too.
  void within(double share);
  double elapsed_s() const { return view_.now_s() - start_s_; }

 private:
  void advance(double position);
  double seconds_since_last();
  double left_s() const;
  bool is_complete() const { return total_ > 0 && done_ >= total_; }
  void show();
  void print(bool last);
  void write_file() const;
  std::string line(bool last) const;
  std::string bar(bool last) const;

  std::string label_, unit_, note_;
  std::int64_t total_, done_ = 0;
  double position_ = 0;  ///< units done, with the share of the one under way
  bool enabled_, ended_ = false;
  ProgressView view_;
  WorkRate rate_;
  double start_s_, last_s_, printed_s_;
  int exceptions_;
};

/// Seconds as "12 s", "3 min 05 s" or "2 h 10 min".
std::string format_duration(double seconds);

/// How far a stage is, for programs that watch this one.
struct ProgressState {
  std::string stage, unit;
  std::int64_t done = 0, total = 0;  ///< total 0: not known
  double left_s = -1;                ///< seconds to the end of the stage when it was written; negative: not known
  double written_s = 0;              ///< seconds since 1970

  /// Seconds that are left now; negative: not known.
  double left_now_s() const;
};

/// "train 12/60 epochs".
std::string progress_text(const ProgressState& state);

/// Writes the state into the file that the environment variable RETIME_PROGRESS_FILE names, if any: the start
/// and the end of a stage at once, what lies between once a second at most.
void publish_progress(const ProgressState& state) noexcept;

/// Replaces the file in one step. Failures are silent: nobody's work stops because it cannot be watched.
void write_progress_file(const std::filesystem::path& path, ProgressState state) noexcept;

/// Nothing when the file is missing or damaged.
std::optional<ProgressState> read_progress_file(const std::filesystem::path& path);

/// Adds the time for which it lives to a sum, in seconds.
class SecondsOf {
 public:
  explicit SecondsOf(double& sum_s) : sum_s_(sum_s) {}
  ~SecondsOf() { sum_s_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  SecondsOf(const SecondsOf&) = delete;
  SecondsOf& operator=(const SecondsOf&) = delete;

 private:
  double& sum_s_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace retime

#pragma once

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

}  // namespace retime

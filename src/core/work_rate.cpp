#include "core/work_rate.hpp"

#include <algorithm>

namespace retime {
namespace {

constexpr std::size_t kMostMarks = 256;  // even, so that the last of one more stays

}  // namespace

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

}  // namespace retime

#pragma once

namespace retime {

/// Whether a timestamp that comes `late_s` seconds after the end of what was before it (negative: too early) begins
/// another recording, as in files that were joined, so that it follows at once. Further back than a second is no
/// jitter; formats whose clock `may_jump` (MPEG-TS) have no gaps of more than ten seconds.
constexpr bool is_time_jump(double late_s, bool may_jump) {
  constexpr double kBack_s = 1.0, kGap_s = 10.0;
  return late_s < -kBack_s || (may_jump && late_s > kGap_s);
}

}  // namespace retime

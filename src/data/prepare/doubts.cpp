#include "data/prepare/doubts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/text.hpp"

namespace retime {
namespace {

constexpr double kSmallPercent = 0.5;  // of the picture's area
constexpr double kShortSeconds = 1.0;
constexpr double kAbove = 0.1;  // of the picture's height, that it stays above where people stand
constexpr int kFewFrames = 6;   // in which others are there, to be compared with
constexpr const char* kDoubt = "may be no object";

struct Extent {
  int frames = 0, largest = 0;
};

Extent extent_of(const MaskTrack& thing) {
  Extent extent;
  for (const BoxMask& mask : thing.frames) {
    extent.frames += !mask.empty();
    extent.largest = std::max(extent.largest, mask.area());
  }
  return extent;
}

/// Whether it is above everybody's feet in every frame in which somebody's are in the picture.
bool stays_above(const MaskTrack& thing, const Surroundings& around) {
  int compared = 0;
  const int above = cvRound(kAbove * around.size.height);
  for (std::size_t t = 0; t < thing.frames.size(); ++t) {
    if (thing.frames[t].empty()) continue;
    for (const MaskTrack& person : around.people) {
      const cv::Rect& box = person.frames[t].box;
      if (box.empty() || box.br().y >= around.size.height - 1) continue;
      if (thing.frames[t].box.br().y + above > box.br().y) return false;
      ++compared;
    }
  }
  return compared >= kFewFrames;
}

}  // namespace

std::string doubt_of(const MaskTrack& thing, const Surroundings& around) {
  const Extent extent = extent_of(thing);
  const double percent = 100.0 * extent.largest / around.size.area();
  if (stays_above(thing, around)) return "it is never as low as anybody stands";
  if (percent < kSmallPercent && extent.frames < kShortSeconds * around.rate)
    return fmt::format("it is small ({:.2f} % of the picture) and seen in {}", percent,
                       counted(extent.frames, "frame"));
  return {};
}

void note_doubt(MaskTrack& thing, const Surroundings& around) {
  const std::string doubt = doubt_of(thing, around);
  if (!doubt.empty()) thing.notes.push_back(kDoubt + (" (" + doubt + ")"));
}

void tell_doubts(const std::vector<MaskTrack>& tracks) {
  for (const MaskTrack& thing : tracks)
    for (const std::string& note : thing.notes)
      if (note.starts_with(kDoubt))
        log_warn(
            fmt::format("{}, frames {} to {}, {}: see objects.mp4, and leave it out with --objects people or with "
                        "--masks",
                        thing.name, first_frame(thing), last_frame(thing), note));
}

}  // namespace retime

#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "data/correct/corrected_tracks.hpp"
#include "data/masks/mask_track.hpp"

namespace retime::test {

inline constexpr Size kBoxFrame{100, 60};
inline constexpr int kBoxFrames = 10;

/// A box that moves a pixel to the right in every frame from the first to the last.
inline MaskTrack box_track(const std::string& name, cv::Rect box, int first = 0, int last = kBoxFrames - 1) {
  MaskTrack track{name, std::vector<BoxMask>(kBoxFrames)};
  for (int t = first; t <= last; ++t)
    track.frames[static_cast<std::size_t>(t)] = {box + cv::Point(t, 0), cv::Mat(box.size(), CV_8U, cv::Scalar(255))};
  return track;
}

/// Two objects over all frames, and one that comes when the second goes.
inline std::vector<MaskTrack> three_tracks() {
  return {box_track("object_1", {10, 10, 10, 20}), box_track("object_2", {30, 20, 10, 20}, 0, 4),
          box_track("object_3", {50, 20, 10, 20}, 6)};
}

inline Corrections corrections_of(const std::vector<CorrectionVerb>& verbs) {
  Corrections corrections{"scene.edits.json", {}, "some"};
  for (const auto& verb : verbs)
    corrections.list.push_back({verb, "corrections[" + std::to_string(corrections.list.size()) + "]",
                                static_cast<int>(corrections.list.size()) + 2});
  return corrections;
}

inline CorrectedTracks corrected_boxes(const std::vector<CorrectionVerb>& verbs, MaskKind kind = MaskKind::kFree) {
  return corrected_tracks(corrections_of(verbs), three_tracks(), kBoxFrame, kind);
}

}  // namespace retime::test

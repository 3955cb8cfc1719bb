#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// A whole body as something else than its own silhouettes tells it: a person's joints do.
struct BodyEstimate {
  BoxMask body;           ///< in pixels of the frame
  double confidence = 1;  ///< 0 to 1
};
/// Of an object in a frame; nothing where it is not known. May be empty. Called by one thread at a time.
using BodyGuess = std::function<std::optional<BodyEstimate>(int object, int frame)>;

/// What was done for one object.
struct CompletedObject {
  std::vector<int> frames{};  ///< in which something was added, ascending
  double share = 0;           ///< of the body in these frames that was added
  int hidden_first = -1;  ///< the longest time in which nothing of it is seen, though others may hide it: first frame
  int hidden_count = 0;   ///< and number of frames
  bool never_whole = false;  ///< no frame shows it whole: only a guess of its body can complete it
  int guessed_frames = 0;    ///< in which a guess of its body told more than its silhouettes
};

/// Objects completed where others hide them.
struct Completion {
  std::vector<MaskTrack> tracks;         ///< bodies, whole
  std::vector<std::vector<int>> order;   ///< per frame, indices of the tracks back to front
  std::vector<CompletedObject> objects;  ///< same order as the tracks
};

/// What is known of two tracks in some frames.
struct KnownDepth {
  int behind = 0, front = 0;  ///< indices of the tracks
  int first = 0, last = 0;    ///< frames
};

/// Completes masks of what is visible (see ObjectCompletion), from frames before and after. Added is only what the
/// masks of objects in front cover, so that all masks together cover the same as before. `rate`: frames per second.
/// `known` decides who is in front in the contacts in which it holds for a frame; of two that contradict each other the
/// later. `guess`: bodies that are mixed with the silhouettes, the more the better they fit what is visible, and taken
/// alone where no frame shows the object whole.
Completion complete_tracks(const std::vector<MaskTrack>& visible, Size size, double rate, bool show_progress = false,
                           const std::vector<KnownDepth>& known = {}, const BodyGuess& guess = {});

}  // namespace retime

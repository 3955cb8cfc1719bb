#include "data/complete/completed_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/text.hpp"
#include "data/complete/contacts.hpp"

namespace retime {
namespace {

constexpr int kCarriedFrames = 10;  // for so long a hidden object can be carried over

// What was done, and what is a guess, in the log and in the track's notes.
void tell(MaskTrack& track, const CompletedObject& object) {
  const auto note = [&](const std::string& text, auto log) {
    track.notes.push_back(text);
    log(track.name + ": " + text);
  };
  if (!object.frames.empty())
    note(fmt::format("completed behind others in {} ({}; {:.0f} % of the body there)",
                     counted(static_cast<int>(object.frames.size()), "frame"), frame_spans(object.frames),
                     100 * object.share),
         log_info);
  if (object.guessed_frames > 0 && !object.never_whole)
    note(fmt::format("in {} its joints told more of what is hidden than its silhouettes",
                     counted(object.guessed_frames, "frame")),
         log_info);
  if (object.never_whole && object.guessed_frames > 0)
    note("behind others and never seen whole: what is hidden is told by the joints alone", log_warn);
  else if (object.never_whole)
    note(
        "behind others and never seen whole (it stays a fragment there): give masks of the whole body, with "
        "--masks-are "
        "amodal",
        log_warn);
  else if (object.hidden_count > kCarriedFrames)
    note(fmt::format("not seen at all in frames {} to {} ({} frames): how it moves there is a guess",
                     object.hidden_first, object.hidden_first + object.hidden_count - 1, object.hidden_count),
         log_warn);
}

}  // namespace

CompletedObjects::CompletedObjects(std::unique_ptr<ObjectSource> seen, Completion completion, const SceneSizes& sizes)
    : seen_(std::move(seen)), order_(std::move(completion.order)), whole_(std::move(completion.tracks), sizes) {}

ObjectMaps CompletedObjects::maps(int object, int frame) const {
  const auto mask = [&](const ObjectSource& objects) {
    return objects.tracks().at(static_cast<std::size_t>(object)).frames.at(static_cast<std::size_t>(frame));
  };
  ObjectMaps maps = whole_.maps(object, frame);
  if (mask(*seen_).area() == mask(whole_).area()) maps.trimap = seen_->maps(object, frame).trimap;
  return maps;
}

MasksShow what_masks_show(MasksShow shown, const std::vector<MaskTrack>& tracks, Size size) {
  if (shown != MasksShow::kAuto) return shown;
  return masks_are_whole(tracks, size) ? MasksShow::kWholeBodies : MasksShow::kVisibleParts;
}

std::unique_ptr<ObjectSource> completed(std::unique_ptr<ObjectSource> objects, MasksShow shown, const SceneSizes& sizes,
                                        double rate, bool show_progress, const std::vector<KnownDepth>& known,
                                        const std::function<BodyGuess()>& guess) {
  const auto& tracks = objects->tracks();
  if (shown == MasksShow::kWholeBodies || tracks.size() < 2) return objects;
  if (shown == MasksShow::kAuto && masks_are_whole(tracks, sizes.full)) {
    log_info("the masks overlap each other: they are taken for whole bodies, and nothing is completed");
    return objects;
  }
  Completion completion =
      complete_tracks(tracks, sizes.full, rate, show_progress, known, guess ? guess() : BodyGuess());
  for (std::size_t i = 0; i < tracks.size(); ++i) tell(completion.tracks[i], completion.objects[i]);
  const auto says_nothing = [&](std::size_t i) { return completion.tracks[i].notes.size() == tracks[i].notes.size(); };
  std::size_t same = 0;
  while (same < tracks.size() && says_nothing(same)) ++same;
  if (same == tracks.size()) return objects;
  return std::make_unique<CompletedObjects>(std::move(objects), std::move(completion), sizes);
}

}  // namespace retime

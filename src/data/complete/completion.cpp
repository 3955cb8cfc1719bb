#include "data/complete/completion.hpp"

#include <algorithm>

#include "core/progress.hpp"
#include "data/complete/object_completion.hpp"
#include "data/masks/object_maps.hpp"

namespace retime {
namespace {

CompletedObject told_of(const std::vector<BoxMask>& visible, const std::vector<BoxMask>& whole,
                        const std::vector<int>& hidden) {
  CompletedObject told;
  double added = 0, body = 0;
  int unseen = 0;
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    const auto t = static_cast<std::size_t>(hidden[i]);
    if (whole[t].area() > visible[t].area()) {
      told.frames.push_back(hidden[i]);
      added += whole[t].area() - visible[t].area();
      body += whole[t].area();
    }
    const bool goes_on = i > 0 && hidden[i] == hidden[i - 1] + 1;
    unseen = !visible[t].empty() ? 0 : goes_on ? unseen + 1 : 1;
    if (unseen > told.hidden_count) {
      told.hidden_count = unseen;
      told.hidden_first = hidden[i] - unseen + 1;
    }
  }
  if (!told.frames.empty()) told.share = added / body;
  return told;
}

void decide(const std::vector<KnownDepth>& known, std::vector<OrderedContact>& contacts) {
  for (const auto& [behind, front, first, last] : known)
    for (auto& ordered : contacts) {
      const Contact& contact = ordered.contact;
      const bool is_pair = contact.a == std::min(behind, front) && contact.b == std::max(behind, front);
      if (!is_pair || last < contact.first || first > contact.last) continue;
      ordered.behind = behind;
      ordered.front = front;
    }
}

/// Moves objects forward that are too far back for a contact of the frame.
void obey(const std::vector<OrderedContact>& contacts, int t, std::vector<int>& order) {
  for (std::size_t round = 0; round < order.size(); ++round)
    for (const auto& [contact, behind, front] : contacts) {
      if (t < contact.first || t > contact.last) continue;
      const auto back = std::find(order.begin(), order.end(), behind);
      const auto nearer = std::find(order.begin(), order.end(), front);
      if (nearer < back) std::rotate(nearer, nearer + 1, back + 1);
    }
}

}  // namespace

Completion complete_tracks(const std::vector<MaskTrack>& visible, Size size, double rate, bool show_progress,
                           const std::vector<KnownDepth>& known, const BodyGuess& guess) {
  Completion completion{visible, {}, {}};
  const SeenObjects seen = seen_objects(visible, size, rate);
  auto contacts = order_contacts(seen, find_contacts(visible, size));
  decide(known, contacts);
  Progress progress("completion", "objects", static_cast<std::int64_t>(visible.size()), show_progress);
  for (std::size_t i = 0; i < visible.size(); ++i) {
    ObjectCompletion object(seen, contacts, static_cast<int>(i), guess);
    auto& masks = completion.tracks[i].frames;
    masks = object.run();
    completion.objects.push_back(told_of(visible[i].frames, masks, object.hidden_frames()));
    completion.objects.back().never_whole = !object.hidden_frames().empty() && object.is_never_whole();
    completion.objects.back().guessed_frames = object.guessed_frames();
    progress.update(static_cast<std::int64_t>(i) + 1);
  }
  completion.order = depth_order(completion.tracks, size, rate);
  for (std::size_t t = 0; t < completion.order.size(); ++t) obey(contacts, static_cast<int>(t), completion.order[t]);
  return completion;
}

}  // namespace retime

#include "data/prepare/found_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/log.hpp"
#include "data/detect/auto_objects.hpp"
#include "data/detect/blobs.hpp"
#include "data/follow/people_tracker.hpp"
#include "data/people/people_models.hpp"

namespace retime {
namespace {

constexpr double kSameBody = 0.75;      // mean overlap of a person and what moves
constexpr double kInPeople = 0.1;       // share of what moves that lies in people, at most, to be something else
constexpr double kPartOfSecond = 0.25;  // share of another person that lies in what moves, from which on it holds two

std::vector<MaskTrack> find_moving(const FrameSequence& frames, const AutoObjectsOptions& options) {
  log_info("looking for moving objects");
  auto tracks = find_objects(frames, options);
  for (auto& track : tracks) {
    track.notes = {fmt::format("moves, frames {} to {}", first_frame(track), last_frame(track))};
    log_info(track.name + ": " + track.notes.front());
  }
  return tracks;
}

FoundObjects find_people(const FrameSequence& frames, const PeopleModels& models, bool show_progress) {
  log_info("looking for people");
  FollowOptions options;
  options.show_progress = show_progress;
  FoundObjects found;
  for (auto& person : follow_people(frames, *people_networks(models), options)) {
    person.masks.notes = {report_of(person)};
    log_info(person.masks.name + ": " + person.masks.notes.front());
    found.tracks.push_back(std::move(person.masks));
    found.people.push_back({0, std::move(person.joints)});
  }
  return found;
}

/// Mean over the frames of `person`, 0..1.
double mean_overlap(const MaskTrack& person, const MaskTrack& other) {
  double sum = 0;
  int frames = 0;
  for (std::size_t t = 0; t < person.frames.size(); ++t) {
    const BoxMask &a = person.frames[t], &b = other.frames[t];
    if (a.empty()) continue;
    const int shared = shared_area(a, b);
    sum += static_cast<double>(shared) / (a.area() + b.area() - shared);
    ++frames;
  }
  return frames == 0 ? 0 : sum / frames;
}

/// Share of `part` that lies in `whole`, over all frames in which both are there.
double share_in(const MaskTrack& part, const MaskTrack& whole) {
  double shared = 0, all = 0;
  for (std::size_t t = 0; t < part.frames.size(); ++t) {
    if (part.frames[t].empty() || whole.frames[t].empty()) continue;
    shared += shared_area(part.frames[t], whole.frames[t]);
    all += part.frames[t].area();
  }
  return all == 0 ? 0 : shared / all;
}

/// What moves where `person` is and nobody else, nullptr if nothing does.
const MaskTrack* motion_of(const MaskTrack& person, const std::vector<MaskTrack>& people,
                           const std::vector<MaskTrack>& moving) {
  const auto best = std::max_element(moving.begin(), moving.end(), [&](const MaskTrack& a, const MaskTrack& b) {
    return mean_overlap(person, a) < mean_overlap(person, b);
  });
  if (best == moving.end() || mean_overlap(person, *best) < kSameBody) return nullptr;
  const bool holds_two = std::any_of(people.begin(), people.end(), [&](const MaskTrack& other) {
    return &other != &person && share_in(other, *best) > kPartOfSecond;
  });
  return holds_two ? nullptr : &*best;
}

void name_by_appearance(std::vector<MaskTrack>& tracks) {
  std::stable_sort(tracks.begin(), tracks.end(),
                   [](const MaskTrack& a, const MaskTrack& b) { return first_frame(a) < first_frame(b); });
  for (std::size_t i = 0; i < tracks.size(); ++i) tracks[i].name = "object_" + std::to_string(i + 1);
}

FoundObjects find_any(const FrameSequence& frames, const CameraRequest& camera, AutoObjectsOptions options) {
  FoundObjects found;
  if (const auto models = find_people_models())
    found = find_people(frames, *models, options.show_progress);
  else
    log_info("no networks that find people (tools/setup.sh fetches them): what moves is taken");
  if (found.tracks.empty()) {
    require_still_camera(frames, camera);
    return {find_moving(frames, options), {}};
  }
  if (!is_still_camera(frames, camera)) return found;
  options.may_find_none = true;
  found.tracks = united_objects(found.tracks, find_moving(frames, options));
  return found;
}

}  // namespace

std::vector<MaskTrack> united_objects(const std::vector<MaskTrack>& people, const std::vector<MaskTrack>& moving) {
  std::vector<MaskTrack> objects;
  for (const auto& person : people) {
    const MaskTrack* motion = motion_of(person, people, moving);
    objects.push_back(motion ? *motion : person);
    objects.back().notes = person.notes;
  }
  for (const auto& other : moving) {
    const bool in_people = std::any_of(people.begin(), people.end(), [&](const MaskTrack& person) {
      return share_in(other, person) > kInPeople || share_in(person, other) > kInPeople;
    });
    if (!in_people) objects.push_back(other);
  }
  name_by_appearance(objects);
  return objects;
}

FoundObjects found_objects(const FrameSequence& frames, const ObjectChoice& choice, const CameraRequest& camera) {
  AutoObjectsOptions moving;
  moving.max_objects = choice.count;
  moving.show_progress = camera.show_progress;
  switch (choice.search) {
    case ObjectSearch::kAuto:
      return find_any(frames, camera, moving);
    case ObjectSearch::kMoving:
      require_still_camera(frames, camera);
      return {find_moving(frames, moving), {}};
    case ObjectSearch::kPeople:
      break;
  }
  auto found = find_people(frames, require_people_models(), camera.show_progress);
  if (found.tracks.empty())
    throw Error(
        fmt::format("no people were found ({} frames): give --masks, or, if the camera stands still, look for "
                    "what moves with --objects moving",
                    frames.count()));
  return found;
}

}  // namespace retime

#include "data/prepare/found_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.hpp"
#include "core/log.hpp"
#include "data/decode/scaled_sequence.hpp"
#include "data/detect/auto_objects.hpp"
#include "data/detect/blobs.hpp"
#include "data/follow/people_tracker.hpp"
#include "data/people/people_models.hpp"
#include "data/prepare/doubts.hpp"

namespace retime {
namespace {

constexpr int kMissedFrames = 10;       // in which something moves that is no object, to be told
constexpr double kSameBody = 0.75;      // mean overlap of a person and what moves
constexpr double kInPeople = 0.1;       // share of what moves that lies in people, at most, to be something else
constexpr float kBeside = 0.15F;        // of a person's height, that what goes with the person is away from it
constexpr double kPartOfSecond = 0.25;  // share of another person that lies in what moves, from which on it holds two

/// The camera's path as what is `known` leaves it to be seen; the final one is found when all objects are known.
CameraPath first_camera(const FrameSequence& frames, const std::vector<MaskTrack>& known, CameraRequest request) {
  const ScaledSequence small(frames, size_up_to(frames.size(), kSearchWidth));
  request.refinements = 0;
  if (request.mode == CameraMode::kAuto && request.homographies.empty()) request.mode = CameraMode::kEstimate;
  return choose_camera(small, scaled_tracks(known, frames.size(), small.size()), small.size(), request);
}

struct MovingThings {
  std::vector<MaskTrack> tracks;
  bool camera_stands = true;
};

MovingThings find_moving(const FrameSequence& frames, const CameraRequest& camera, const std::vector<MaskTrack>& people,
                         const ObjectChoice& choice) {
  AutoObjectsOptions options;
  options.max_objects = choice.count;
  options.may_find_none = choice.may_find_none || !people.empty();
  options.show_progress = camera.show_progress;
  log_info("looking for moving objects");
  MovingThings moving{{}, is_still_camera(frames, camera)};
  if (moving.camera_stands) {
    moving.tracks = find_objects(frames, options);
  } else {
    const Size searched = size_up_to(frames.size(), kSearchWidth);
    const CameraPlane plane(first_camera(frames, people, camera), searched, searched);
    moving.tracks = find_objects(frames, {plane, people, choice.rate}, options);
  }
  for (auto& track : moving.tracks)
    track.notes = {fmt::format("moves, frames {} to {}", first_frame(track), last_frame(track))};
  return moving;
}

// Whoever named their folder wants them.
void tell_missing_networks() {
  if (const char* folder = std::getenv("RETIME_PEOPLE_MODELS"))
    log_warn(fmt::format("no networks that find people in {} (RETIME_PEOPLE_MODELS): what moves is taken", folder));
  else
    log_info("no networks that find people (tools/setup.sh fetches them): what moves is taken");
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

bool is_apart(const MaskTrack& other, const std::vector<MaskTrack>& people) {
  return std::none_of(people.begin(), people.end(), [&](const MaskTrack& person) {
    return share_in(other, person) > kInPeople || share_in(person, other) > kInPeople;
  });
}

/// Whether something is beside a person most of the time: a shadow, foam, what is carried.
bool accompanies(const MaskTrack& other, const MaskTrack& person) {
  int frames = 0, beside = 0;
  for (std::size_t t = 0; t < other.frames.size(); ++t) {
    const cv::Rect &a = other.frames[t].box, &b = person.frames[t].box;
    frames += !a.empty();
    beside += !a.empty() && !b.empty() && box_gap(a, b) <= kBeside * static_cast<float>(b.height);
  }
  return 2 * beside > frames;
}

/// The things among `tracks` that are no people, told.
void tell_things(std::vector<MaskTrack>& tracks, const Surroundings& around) {
  for (auto& track : tracks) {
    if (!is_apart(track, around.people)) continue;
    log_info(track.name + ": " + track.notes.front());
    tell_doubt(track, around);
  }
}

// What moves by itself for a while, and is no object because it meets people at other times, may be somebody whom the
// networks have missed.
void tell_missed(const std::vector<MaskTrack>& objects, const std::vector<MaskTrack>& moving) {
  for (const auto& other : moving) {
    const auto is_free = [&](std::size_t t) {
      return !other.frames[t].empty() && std::none_of(objects.begin(), objects.end(), [&](const MaskTrack& object) {
        return !object.frames[t].empty() && shared_area(other.frames[t], object.frames[t]) > 0;
      });
    };
    int count = 0, first = -1, last = -1;
    for (std::size_t t = 0; t < other.frames.size(); ++t) {
      if (!is_free(t)) continue;
      if (count++ == 0) first = static_cast<int>(t);
      last = static_cast<int>(t);
    }
    if (count >= kMissedFrames)
      log_warn(
          fmt::format("something moves in {} frames from {} to {} where no object was found; it stays in the "
                      "background: look at objects.mp4, and give --masks or try --objects moving",
                      count, first, last));
  }
}

FoundObjects find_any(const FrameSequence& frames, const CameraRequest& camera, const ObjectChoice& choice) {
  FoundObjects found;
  if (const auto models = find_people_models())
    found = find_people(frames, *models, camera.show_progress);
  else
    tell_missing_networks();
  const auto moving = find_moving(frames, camera, found.tracks, choice);
  const auto people = std::move(found.tracks);
  found.tracks =
      moving.camera_stands ? united_objects(people, moving.tracks) : people_and_others(people, moving.tracks);
  tell_things(found.tracks, {people, frames.size(), choice.rate});
  if (moving.camera_stands) tell_missed(found.tracks, moving.tracks);
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
  for (const auto& other : moving)
    if (is_apart(other, people)) objects.push_back(other);
  name_by_appearance(objects);
  return objects;
}

std::vector<MaskTrack> people_and_others(const std::vector<MaskTrack>& people, const std::vector<MaskTrack>& moving) {
  auto objects = people;
  for (const auto& other : moving) {
    const bool goes_along =
        std::any_of(people.begin(), people.end(), [&](const MaskTrack& person) { return accompanies(other, person); });
    if (!goes_along && is_apart(other, people)) objects.push_back(other);
  }
  name_by_appearance(objects);
  return objects;
}

FoundObjects found_objects(const FrameSequence& frames, const ObjectChoice& choice, const CameraRequest& camera) {
  if (choice.search == ObjectSearch::kAuto) return find_any(frames, camera, choice);
  if (choice.search == ObjectSearch::kMoving) {
    auto moving = find_moving(frames, camera, {}, choice).tracks;
    tell_things(moving, {{}, frames.size(), choice.rate});
    return {std::move(moving), {}};
  }
  auto found = find_people(frames, require_people_models(), camera.show_progress);
  if (found.tracks.empty() && !choice.may_find_none)
    throw Error(
        fmt::format("no people were found ({} frames): give --masks, or look for what moves with --objects moving",
                    frames.count()));
  return found;
}

}  // namespace retime

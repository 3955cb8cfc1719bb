#include "data/prepare/found_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data/decode/scaled_sequence.hpp"
#include "data/detect/auto_objects.hpp"
#include "data/detect/blobs.hpp"
#include "data/follow/people_tracker.hpp"
#include "data/people/people_models.hpp"
#include "data/prepare/doubts.hpp"

namespace retime {
namespace {

constexpr std::size_t kFramesAlone = 10;  // in which something moves that nobody touches, to be an object or told
constexpr double kSamePerson = 0.5;       // share of a person that lies in what moves, from which on that is the person
constexpr double kLeastRest = 0.3;        // of the area of something alone, that people must leave of it ...
constexpr double kMostRest = 1.5;         // ... or may, else it is more than that
constexpr double kAhead = 1;              // of the root of that area: what gets no further alone does not move
constexpr double kOpening = 0.15;         // of the root of that area: what is thinner is the rim of somebody else
constexpr double kSameBody = 0.75;        // mean overlap of a person and what moves
constexpr double kInPeople = 0.1;         // share of what moves that lies in people, at most, to be something else
constexpr float kBeside = 0.15F;          // of a person's height, that what goes with the person is away from it
constexpr double kPartOfSecond = 0.25;    // share of another person that lies in what moves, from which on it holds two

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

/// Parts of a mask that lie in `box`, partly at least.
BoxMask parts_at(const BoxMask& mask, const cv::Rect& box) {
  cv::Mat labels, stats, centres, crop = mask.crop();
  const int parts = cv::connectedComponentsWithStats(crop, labels, stats, centres);
  for (int part = 1; part < parts; ++part) {
    const cv::Rect extent(stats.at<int>(part, cv::CC_STAT_LEFT) + mask.box.x,
                          stats.at<int>(part, cv::CC_STAT_TOP) + mask.box.y, stats.at<int>(part, cv::CC_STAT_WIDTH),
                          stats.at<int>(part, cv::CC_STAT_HEIGHT));
    if ((extent & box).empty()) crop.setTo(0, labels == part);
  }
  BoxMask rest = box_mask_from_full(crop);
  if (!rest.empty()) rest.box += mask.box.tl();
  return rest;
}

/// What moves as the outline of a person, without what moves elsewhere at the same time.
std::vector<BoxMask> outlines_of(const MaskTrack& person, const MaskTrack& motion) {
  auto frames = motion.frames;
  for (std::size_t t = 0; t < frames.size(); ++t)
    if (!frames[t].empty() && !person.frames[t].empty()) frames[t] = parts_at(frames[t], person.frames[t].box);
  return frames;
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
    note_doubt(track, around);
  }
}

/// Whether something is in the frame and none of `objects` touches it.
bool is_alone(const MaskTrack& other, const std::vector<MaskTrack>& objects, std::size_t t) {
  return !other.frames[t].empty() && std::none_of(objects.begin(), objects.end(), [&](const MaskTrack& object) {
    return !object.frames[t].empty() && shared_area(other.frames[t], object.frames[t]) > 0;
  });
}

/// Frames in which something is alone.
std::vector<int> frames_alone(const MaskTrack& other, const std::vector<MaskTrack>& objects) {
  std::vector<int> frames;
  for (std::size_t t = 0; t < other.frames.size(); ++t)
    if (is_alone(other, objects, t)) frames.push_back(static_cast<int>(t));
  return frames;
}

/// Area of something in the median of some frames, not empty.
double usual_area(const MaskTrack& other, const std::vector<int>& frames) {
  std::vector<int> areas;
  for (const int t : frames) areas.push_back(other.frames[static_cast<std::size_t>(t)].area());
  const auto middle = areas.begin() + static_cast<std::ptrdiff_t>(areas.size() / 2);
  std::nth_element(areas.begin(), middle, areas.end());
  return *middle;
}

/// Whether something gets ahead in the frames in which it is alone. What stands there, and the place that somebody has
/// left, only seem to move when others pass.
bool moves_alone(const MaskTrack& other, const std::vector<int>& alone) {
  if (alone.size() < kFramesAlone) return false;
  cv::Rect places;
  for (const int t : alone) {
    const cv::Rect& box = other.frames[static_cast<std::size_t>(t)].box;
    places |= cv::Rect((box.tl() + box.br()) / 2, cv::Size(1, 1));
  }
  return std::max(places.width, places.height) > kAhead * std::sqrt(usual_area(other, alone));
}

// What moves by itself for a while, and is no object, may be somebody whom the networks have missed.
void tell_missed(const std::vector<MaskTrack>& objects, const std::vector<MaskTrack>& moving) {
  for (const auto& other : moving) {
    const auto alone = frames_alone(other, objects);
    if (!moves_alone(other, alone)) continue;
    log_warn(
        fmt::format("something moves in {} frames from {} to {} where no object was found; it stays in the "
                    "background: look at objects.mp4, and give --masks or try --objects moving",
                    alone.size(), alone.front(), alone.back()));
  }
}

/// The largest part of a mask that is wider than `width` everywhere.
BoxMask main_part(const BoxMask& mask, int width) {
  if (mask.empty()) return mask;
  cv::Mat crop, labels, stats, centres;
  cv::copyMakeBorder(mask.crop(), crop, 1, 1, 1, 1, cv::BORDER_CONSTANT);
  cv::morphologyEx(crop, crop, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_ELLIPSE, {width, width}));
  const int parts = cv::connectedComponentsWithStats(crop, labels, stats, centres);
  int largest = 0;
  for (int part = 1; part < parts; ++part)
    if (largest == 0 || stats.at<int>(part, cv::CC_STAT_AREA) > stats.at<int>(largest, cv::CC_STAT_AREA))
      largest = part;
  if (largest == 0) return {};
  BoxMask part = box_mask_from_full(labels == largest);
  part.box += mask.box.tl() - cv::Point(1, 1);
  return part;
}

/// What people leave of something that moves, is none of them, and is alone for a while: somebody whom the networks
/// have missed, for one. Empty where they leave too little to be it, or more than it is when it is alone.
std::optional<MaskTrack> besides_people(const MaskTrack& other, const std::vector<MaskTrack>& people) {
  const auto alone = frames_alone(other, people);
  const bool is_person = std::any_of(people.begin(), people.end(),
                                     [&](const MaskTrack& person) { return share_in(person, other) > kSamePerson; });
  if (is_person || !moves_alone(other, alone)) return std::nullopt;
  const double area = usual_area(other, alone);
  const int width = std::max(3, 2 * cvRound(kOpening * std::sqrt(area) / 2) + 1);
  MaskTrack rest = other;
  for (std::size_t t = 0; t < rest.frames.size(); ++t) {
    if (rest.frames[t].empty() || is_alone(other, people, t)) continue;
    const BoxMask left = main_part(mask_without(other.frames[t], masks_of_frame(people, static_cast<int>(t))), width);
    rest.frames[t] = left.area() >= kLeastRest * area && left.area() <= kMostRest * area ? left : BoxMask();
  }
  return rest;
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
    objects.push_back(person);
    if (motion) objects.back().frames = outlines_of(person, *motion);
  }
  for (const auto& other : moving) {
    if (is_apart(other, people)) {
      objects.push_back(other);
    } else if (auto rest = besides_people(other, people)) {
      objects.push_back(std::move(*rest));
    }
  }
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
    throw Error(fmt::format("no people were found ({}): give --masks, or look for what moves with --objects moving",
                            counted(frames.count(), "frame")));
  return found;
}

}  // namespace retime

#include "data/keypoints/object_keypoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/log.hpp"
#include "core/text.hpp"
#include "data/keypoints/pose_similarity.hpp"
#include "data/keypoints/track_repair.hpp"

namespace retime {
namespace {

constexpr double kGrownBy = 0.03;     // of the body's height: masks are grown so much
constexpr double kLeastInMask = 0.5;  // of a track's joints, in frames where the object has a mask
constexpr double kLeastOfAll = 0.2;   // of all joints of the track
constexpr double kMostShared = 0.2;   // of a track's frames that another one of the object has already

// Joints of one track against one object, weighted by how sure they are.
struct Fit {
  double inside = 0;  // the object's mask
  double seen = 0;    // in frames where the object has a mask
};

bool is_near(const cv::Mat& crop, const cv::Rect& box, const Joint& joint, int radius) {
  const cv::Rect window(cvRound(joint.x) - radius, cvRound(joint.y) - radius, 2 * radius + 1, 2 * radius + 1);
  const cv::Rect shared = window & box;
  return !shared.empty() && cv::countNonZero(crop(shared - box.tl())) > 0;
}

void add_frame(Fit& fit, const CocoJoints& joints, const BoxMask& mask, const cv::Mat& crop) {
  const int radius = std::max(2, cvRound(kGrownBy * body_height(joints)));
  for (const auto& joint : joints) {
    if (!joint.is_known()) continue;
    fit.seen += joint.confidence;
    if (is_near(crop, mask.box, joint, radius)) fit.inside += joint.confidence;
  }
}

// Fits of all tracks to one object.
std::vector<Fit> fits_to(const MaskTrack& object, const std::vector<KeypointTrack>& tracks) {
  std::vector<Fit> fits(tracks.size());
  for (std::size_t t = 0; t < object.frames.size(); ++t) {
    const auto& mask = object.frames[t];
    if (mask.empty()) continue;
    cv::Mat crop;
    for (std::size_t k = 0; k < tracks.size(); ++k) {
      const int frame = static_cast<int>(t) - tracks[k].first_frame;
      if (frame < 0 || frame >= static_cast<int>(tracks[k].frames.size())) continue;
      if (crop.empty()) crop = mask.crop();
      add_frame(fits[k], tracks[k].frames[static_cast<std::size_t>(frame)], mask, crop);
    }
  }
  return fits;
}

double sure_joints(const KeypointTrack& track) {
  double sum = 0;
  for (const auto& joints : track.frames)
    for (const auto& joint : joints) sum += joint.confidence;
  return sum;
}

bool is_seen(const KeypointTrack& track, std::size_t frame) {
  return known_joints_of(track.frames[frame - static_cast<std::size_t>(track.first_frame)]) > 0;
}

// Tracks with most joints in their object first: each takes its frames of it unless another has most of them.
void leave_out_doubles(const std::vector<KeypointTrack>& tracks, const std::vector<double>& inside,
                       std::vector<int>& owner, std::size_t objects) {
  std::vector<std::size_t> ranks(tracks.size());
  std::iota(ranks.begin(), ranks.end(), std::size_t{0});
  std::stable_sort(ranks.begin(), ranks.end(), [&](auto a, auto b) { return inside[a] > inside[b]; });
  std::vector<std::vector<bool>> taken(objects);
  for (const auto k : ranks) {
    if (owner[k] < 0) continue;
    auto& frames = taken[static_cast<std::size_t>(owner[k])];
    const auto begin = static_cast<std::size_t>(tracks[k].first_frame), end = begin + tracks[k].frames.size();
    frames.resize(std::max(frames.size(), end));
    int shared = 0, seen = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (!is_seen(tracks[k], i)) continue;
      ++seen;
      shared += frames[i];
    }
    if (shared > kMostShared * seen) {
      owner[k] = -1;
      continue;
    }
    for (std::size_t i = begin; i < end; ++i)
      if (is_seen(tracks[k], i)) frames[i] = true;
  }
}

std::vector<std::vector<FoundPerson>> scaled(std::vector<std::vector<FoundPerson>> frames, Size from, Size to) {
  const float sx = static_cast<float>(to.width) / static_cast<float>(from.width);
  const float sy = static_cast<float>(to.height) / static_cast<float>(from.height);
  for (auto& people : frames)
    for (auto& person : people)
      for (auto& joint : person.joints) joint.x = (joint.x + 0.5F) * sx - 0.5F, joint.y = (joint.y + 0.5F) * sy - 0.5F;
  return frames;
}

void put(const KeypointTrack& track, std::vector<CocoJoints>& frames) {
  for (std::size_t i = 0; i < track.frames.size(); ++i) {
    auto& joints = frames[static_cast<std::size_t>(track.first_frame) + i];
    if (known_joints_of(joints) == 0) joints = track.frames[i];
  }
}

// "3 to 17": the first and the last frame in which somebody is seen.
std::string frames_of(const KeypointTrack& track) {
  const auto known = [](const CocoJoints& joints) { return known_joints_of(joints) > 0; };
  const auto first = std::find_if(track.frames.begin(), track.frames.end(), known);
  const auto last = std::find_if(track.frames.rbegin(), track.frames.rend(), known);
  return fmt::format("{} to {}", track.first_frame + (first - track.frames.begin()),
                     track.end_frame() - 1 - (last - track.frames.rbegin()));
}

void tell(const std::vector<int>& owner, const std::vector<MaskTrack>& objects, const ObjectJoints& joints) {
  for (std::size_t i = 0; i < objects.size(); ++i)
    log_info(fmt::format(
        "keypoints of {}: in {} of {} frames, from {}", objects[i].name,
        std::count_if(joints[i].begin(), joints[i].end(), [](const auto& frame) { return known_joints_of(frame) > 0; }),
        joints[i].size(), counted(std::count(owner.begin(), owner.end(), static_cast<int>(i)), "track")));
}

void tell_left_out(const std::vector<KeypointTrack>& tracks, const std::vector<int>& owner,
                   const std::vector<MaskTrack>& removed) {
  std::string others;
  int count = 0;
  for (std::size_t k = 0; k < tracks.size(); ++k) {
    if (owner[k] >= 0 || objects_of_tracks({tracks[k]}, removed).front() >= 0) continue;
    if (++count <= 5) others += (count > 1 ? ", " : "") + frames_of(tracks[k]);
  }
  if (count > 0)
    log_warn(fmt::format("left out: {} of keypoints in no object's masks, or beside another one's (frames {}{})",
                         counted(count, "track"), others, count > 5 ? ", ..." : ""));
}

}  // namespace

std::vector<int> objects_of_tracks(const std::vector<KeypointTrack>& tracks, const std::vector<MaskTrack>& objects) {
  std::vector<int> owner(tracks.size(), -1);
  std::vector<double> inside(tracks.size(), 0);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto fits = fits_to(objects[i], tracks);
    for (std::size_t k = 0; k < tracks.size(); ++k) {
      const auto& fit = fits[k];
      const bool fit_enough =
          fit.inside >= kLeastInMask * fit.seen && fit.inside >= kLeastOfAll * sure_joints(tracks[k]);
      if (fit_enough && fit.inside > inside[k]) inside[k] = fit.inside, owner[k] = static_cast<int>(i);
    }
  }
  leave_out_doubles(tracks, inside, owner, objects.size());
  return owner;
}

std::vector<KeypointTrack> people_of_clip(const KeypointRecords& records, const KeypointClip& clip, Size full_size) {
  auto tracks = follow_people(scaled(people_by_frame(records, clip), records.size, full_size));
  repair_tracks(tracks);
  return tracks;
}

ObjectJoints joints_of_objects(const KeypointRecords& records, const KeypointClip& clip,
                               const std::vector<MaskTrack>& objects, Size full_size) {
  return joints_of_objects(people_of_clip(records, clip, full_size), objects, clip.frame_count);
}

ObjectJoints joints_of_objects(const std::vector<KeypointTrack>& tracks, const std::vector<MaskTrack>& objects,
                               int frame_count, const std::vector<MaskTrack>& removed) {
  const auto owner = objects_of_tracks(tracks, objects);
  ObjectJoints joints(objects.size(), std::vector<CocoJoints>(static_cast<std::size_t>(frame_count)));
  for (std::size_t k = 0; k < tracks.size(); ++k)
    if (owner[k] >= 0) put(tracks[k], joints[static_cast<std::size_t>(owner[k])]);
  for (auto& frames : joints) fill_gaps(frames);
  tell(owner, objects, joints);
  tell_left_out(tracks, owner, removed);
  return joints;
}

}  // namespace retime

#include "data/keypoints/track_repair.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "data/keypoints/pose_similarity.hpp"

namespace retime {
namespace {

constexpr int kLongestSwap = 12;  // frames
constexpr float kSure = 0.2F;
constexpr std::size_t kNearFrames = 4;   // farther apart, frames tell nothing about each other's sides
constexpr double kPriceOfSwap = 0.03;    // of a frame with sides exchanged, in heights of the body that joints go
constexpr double kPriceOfChange = 0.06;  // from frame to frame
constexpr double kPriceOfEnd = 0.15;     // with sides exchanged at an end: one frame to compare with is less than two
constexpr double kFarthest = 0.5;        // a joint's way counts up to this, in heights of the body

constexpr CocoJoint kArms[]{kLeftShoulder, kLeftElbow, kLeftWrist};
constexpr CocoJoint kLegs[]{kLeftHip, kLeftKnee, kLeftAnkle};
constexpr CocoJoint kFace[]{kLeftEye, kLeftEar};
using LeftJoints = std::span<const CocoJoint>;

// A hidden ear is anywhere: it says nothing about sides.
bool knows_both(const CocoJoints& joints, CocoJoint left) {
  return joints[left].confidence >= kSure && joints[mirrored(left)].confidence >= kSure;
}

// How far joints go from one frame to another in heights of the body, with the sides as they are and exchanged.
struct Ways {
  double straight = 0, crossed = 0;
};

Ways ways_between(const CocoJoints& a, const CocoJoints& b, LeftJoints group) {
  const double height = std::max(body_height(a), body_height(b));
  Ways ways;
  if (height <= 0) return ways;
  const auto way = [&](const Joint& from, const Joint& to) {
    return std::min(from.confidence, to.confidence) *
           std::min(kFarthest, std::hypot(to.x - from.x, to.y - from.y) / height);
  };
  for (const auto left : group) {
    const auto right = mirrored(left);
    if (!knows_both(a, left) || !knows_both(b, left)) continue;
    ways.straight += way(a[left], b[left]) + way(a[right], b[right]);
    ways.crossed += way(a[left], b[right]) + way(a[right], b[left]);
  }
  return ways;
}

bool has_pair(const CocoJoints& joints, LeftJoints group) {
  return std::any_of(group.begin(), group.end(), [&](CocoJoint left) { return knows_both(joints, left); });
}

// Whether sides are to be exchanged, for each of `seen` frames: the cheapest sequence (Viterbi).
std::vector<bool> swapped_frames(const std::vector<CocoJoints>& frames, const std::vector<std::size_t>& seen,
                                 LeftJoints group) {
  std::vector<std::array<bool, 2>> before(seen.size());  // the better state of the frame before, for each state
  double costs[]{0, kPriceOfSwap + kPriceOfEnd};
  for (std::size_t i = 1; i < seen.size(); ++i) {
    const bool are_near = seen[i] - seen[i - 1] <= kNearFrames;
    const Ways ways = are_near ? ways_between(frames[seen[i - 1]], frames[seen[i]], group) : Ways{};
    double next[2];
    for (const int state : {0, 1}) {
      const double stay = costs[state] + ways.straight, change = costs[1 - state] + ways.crossed + kPriceOfChange;
      before[i][static_cast<std::size_t>(state)] = (change < stay) != (state == 1);
      next[state] = std::min(stay, change) + (state == 1 ? kPriceOfSwap : 0);
    }
    std::copy_n(next, 2, costs);
  }
  std::vector<bool> swapped(seen.size());
  bool state = costs[1] + kPriceOfEnd < costs[0];
  for (std::size_t i = seen.size(); i-- > 0; state = before[i][state]) swapped[i] = state;
  return swapped;
}

void swap_group(std::vector<CocoJoints>& frames, LeftJoints group) {
  std::vector<std::size_t> seen;
  for (std::size_t t = 0; t < frames.size(); ++t)
    if (has_pair(frames[t], group)) seen.push_back(t);
  const auto swapped = swapped_frames(frames, seen, group);
  for (std::size_t begin = 0; begin < seen.size();) {
    std::size_t end = begin + 1;
    while (end < seen.size() && swapped[end] == swapped[begin]) ++end;
    const bool is_short = seen[end - 1] - seen[begin] < kLongestSwap && end - begin < seen.size();
    for (std::size_t i = begin; i < end && swapped[begin] && is_short; ++i)
      for (const auto left : group) std::swap(frames[seen[i]][left], frames[seen[i]][mirrored(left)]);
    begin = end;
  }
}

void fill_joint(std::vector<CocoJoints>& frames, std::size_t joint, std::size_t from, std::size_t to) {
  const Joint a = frames[from][joint], b = frames[to][joint];
  for (std::size_t t = from + 1; t < to; ++t) {
    const float share = static_cast<float>(t - from) / static_cast<float>(to - from);
    const float fade = 1 - static_cast<float>(std::min(t - from, to - t)) / (kLongestGap + 1);
    frames[t][joint] = {std::lerp(a.x, b.x, share), std::lerp(a.y, b.y, share),
                        fade * std::lerp(a.confidence, b.confidence, share)};
  }
}

}  // namespace

void undo_swapped_sides(std::vector<CocoJoints>& frames) {
  for (const auto group : {LeftJoints(kArms), LeftJoints(kLegs), LeftJoints(kFace)}) swap_group(frames, group);
}

void fill_gaps(std::vector<CocoJoints>& frames) {
  for (std::size_t joint = 0; joint < kCocoJointCount; ++joint) {
    std::size_t last = frames.size();  // none yet
    for (std::size_t t = 0; t < frames.size(); ++t) {
      if (!frames[t][joint].is_known()) continue;
      if (last < t && t - last - 1 <= kLongestGap) fill_joint(frames, joint, last, t);
      last = t;
    }
  }
}

void repair_tracks(std::vector<KeypointTrack>& tracks) {
  std::erase_if(tracks, [](const KeypointTrack& track) {
    return std::count_if(track.frames.begin(), track.frames.end(),
                         [](const CocoJoints& joints) { return known_joints_of(joints) > 0; }) < 2;
  });
  for (auto& track : tracks) {
    undo_swapped_sides(track.frames);
    fill_gaps(track.frames);
  }
}

}  // namespace retime

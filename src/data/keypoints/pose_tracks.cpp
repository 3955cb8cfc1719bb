#include "data/keypoints/pose_tracks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/log.hpp"
#include "data/keypoints/pose_similarity.hpp"
#include "pose/assignment.hpp"

namespace retime {
namespace {

constexpr float kLeastConfidence = 0.05F;
constexpr int kFewestJoints = 3;
constexpr double kSameBody = 0.25;           // similarity of a body with itself a frame later, at least
constexpr double kAlone = 0;                 // gain of a person who is nobody seen before
constexpr double kSlack = 1.5;               // limbs move within a frame
constexpr double kSlackOfGap = 0.15;         // ... and more in each frame of a gap
constexpr double kNear = 0.35;               // heights of the body
constexpr double kMostByPlace = 0.5;         // similarity
constexpr int kMotionFrames = 5;             // that tell how somebody moves
constexpr double kMostClashes = 0.1;         // of the pictures with several people: with more, identities mean nothing
constexpr double kLeap = 0.75, kWay = 0.25;  // heights of the body: more than both, with the frames of a gap, is a leap

// What is certainly one person: an unbroken run of frames.
struct Tracklet {
  int first = 0;
  std::vector<CocoJoints> frames;
  std::string identity;
  int next = -1;  // the tracklet that goes on with the person
  bool is_follower = false;
  int last() const { return first + static_cast<int>(frames.size()) - 1; }
};

void forget_unsure(std::vector<FoundPerson>& people) {
  for (auto& person : people)
    for (auto& joint : person.joints)
      if (joint.confidence < kLeastConfidence) joint = {};
  std::erase_if(people, [](const FoundPerson& person) { return known_joints_of(person.joints) < kFewestJoints; });
}

double sureness(const FoundPerson& person) {
  double sum = 0;
  for (const auto& joint : person.joints) sum += joint.confidence;
  return sum;
}

// Of people in one picture with the same identity the surest keeps it. Returns whether there were such.
bool settle_clashes(std::vector<FoundPerson>& people) {
  std::map<std::string, FoundPerson*> owners;
  bool clash = false;
  for (auto& person : people) {
    if (person.identity.empty()) continue;
    auto*& owner = owners[person.identity];
    FoundPerson* other = owner ? &person : nullptr;
    if (!owner || sureness(person) > sureness(*owner)) other = std::exchange(owner, &person);
    if (!other) continue;
    other->identity.clear();
    clash = true;
  }
  return clash;
}

void settle_identities(std::vector<std::vector<FoundPerson>>& frames) {
  int crowds = 0, clashes = 0;
  std::set<std::string> identities;
  auto settled = frames;
  for (auto& people : settled) {
    for (const auto& person : people) identities.insert(person.identity);
    crowds += people.size() > 1, clashes += settle_clashes(people);
  }
  // One for everybody is what estimators write that did not follow people.
  if (identities.size() > 1 && clashes <= kMostClashes * crowds) {
    frames = std::move(settled);
    return;
  }
  if (clashes > 0)
    log_info(
        fmt::format("keypoints: the identities in the file mean nothing (several people have the same in {} of {} "
                    "pictures): people are followed without them",
                    clashes, crowds));
  for (auto& people : frames)
    for (auto& person : people) person.identity.clear();
}

// Pixels per frame at an end of a tracklet; `to_front`: at its beginning, backwards in time.
cv::Point2d motion_at_end(const Tracklet& tracklet, bool to_front) {
  const auto& frames = tracklet.frames;
  const auto count = std::min<std::size_t>(kMotionFrames, frames.size() - 1);
  if (count == 0) return {};
  const cv::Point2d way =
      to_front ? mean_way(frames[count], frames.front()) : mean_way(frames[frames.size() - 1 - count], frames.back());
  return way / static_cast<double>(count);
}

// In heights of the body.
double way_between(const CocoJoints& from, const CocoJoints& to) {
  return cv::norm(mean_way(from, to)) / std::max({1.0, body_height(from), body_height(to)});
}

// Limbs that move fast, or few frames a second, leave little of the similarity: who is where somebody just was is alike
// to that extent.
double likeness(const CocoJoints& before, const CocoJoints& after, int gap) {
  const double similarity = pose_similarity(before, after, kSlack + kSlackOfGap * gap);
  if (gap > 0) return similarity;
  const double way = way_between(before, after) / kNear;
  return std::max(similarity, kMostByPlace * std::exp(-way * way / 2));
}

// Gain of letting poses be one person's: `before` moved on and `after` as it is, `gap` frames between them.
double gain_of(const std::string& identity_before, const std::string& identity_after, const CocoJoints& before,
               const CocoJoints& after, int gap) {
  const double alike = likeness(before, after, gap);
  if (!identity_before.empty() && !identity_after.empty())
    return identity_before == identity_after && way_between(before, after) < kLeap + kWay * gap ? 1 + alike : 0;
  return alike > kSameBody ? alike : 0;
}

double cost_of(double gain) { return gain > 0 ? -gain : kNeverPaired; }

class PeopleFollower {
 public:
  void add_frame(int frame, const std::vector<FoundPerson>& people) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tracklets_.size(); ++i)
      if (tracklets_[i].last() == frame - 1) open.push_back(i);
    std::vector<std::vector<double>> costs(people.size(), std::vector<double>(open.size()));
    for (std::size_t p = 0; p < people.size(); ++p)
      for (std::size_t k = 0; k < open.size(); ++k) {
        const auto& tracklet = tracklets_[open[k]];
        costs[p][k] =
            cost_of(gain_of(tracklet.identity, people[p].identity,
                            moved_by(tracklet.frames.back(), motion_at_end(tracklet, false)), people[p].joints, 0));
      }
    const auto pairs = best_assignment(costs, kAlone);
    for (std::size_t p = 0; p < people.size(); ++p) {
      if (pairs[p] < 0)
        tracklets_.push_back({frame, {people[p].joints}, people[p].identity});
      else
        extend(tracklets_[open[static_cast<std::size_t>(pairs[p])]], people[p]);
    }
  }

  std::vector<KeypointTrack> join() {
    for (std::size_t begin = 0; begin < tracklets_.size();) {
      std::size_t end = begin;
      while (end < tracklets_.size() && tracklets_[end].first == tracklets_[begin].first) ++end;
      join_those_that_begin(begin, end);
      begin = end;
    }
    std::vector<KeypointTrack> tracks;
    for (const auto& tracklet : tracklets_)
      if (!tracklet.is_follower) tracks.push_back(track_from(tracklet));
    return tracks;
  }

 private:
  static void extend(Tracklet& tracklet, const FoundPerson& person) {
    tracklet.frames.push_back(person.joints);
    if (tracklet.identity.empty()) tracklet.identity = person.identity;
  }

  // Both ends are carried over the gap, each by its own motion.
  static double gain_of_join(const Tracklet& before, const Tracklet& after) {
    const int gap = after.first - before.last() - 1;
    const bool same = !before.identity.empty() && before.identity == after.identity;
    if (gap < 0 || (gap > kLongestGap && !same)) return 0;
    const double steps = std::min(gap, kLongestGap) + 1;
    const double forward =
        gain_of(before.identity, after.identity, moved_by(before.frames.back(), steps * motion_at_end(before, false)),
                after.frames.front(), gap);
    const double back = gain_of(before.identity, after.identity, before.frames.back(),
                                moved_by(after.frames.front(), steps * motion_at_end(after, true)), gap);
    return std::max(forward, back);
  }

  void join_those_that_begin(std::size_t begin, std::size_t end) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < begin; ++i)
      if (tracklets_[i].next < 0 && tracklets_[i].last() < tracklets_[begin].first) open.push_back(i);
    std::vector<std::vector<double>> costs(end - begin, std::vector<double>(open.size()));
    for (std::size_t s = 0; s < costs.size(); ++s)
      for (std::size_t k = 0; k < open.size(); ++k)
        costs[s][k] = cost_of(gain_of_join(tracklets_[open[k]], tracklets_[begin + s]));
    const auto pairs = best_assignment(costs, kAlone);
    for (std::size_t s = 0; s < pairs.size(); ++s) {
      if (pairs[s] < 0) continue;
      tracklets_[open[static_cast<std::size_t>(pairs[s])]].next = static_cast<int>(begin + s);
      tracklets_[begin + s].is_follower = true;
    }
  }

  KeypointTrack track_from(const Tracklet& first) const {
    KeypointTrack track{first.first, {}};
    for (const Tracklet* part = &first;; part = &tracklets_[static_cast<std::size_t>(part->next)]) {
      track.frames.resize(static_cast<std::size_t>(part->first - first.first));
      track.frames.insert(track.frames.end(), part->frames.begin(), part->frames.end());
      if (track.identity.empty()) track.identity = part->identity;
      if (part->next < 0) return track;
    }
  }

  std::vector<Tracklet> tracklets_;  // in the order of their beginnings
};

}  // namespace

std::vector<KeypointTrack> follow_people(std::vector<std::vector<FoundPerson>> frames) {
  for (auto& people : frames) forget_unsure(people);
  settle_identities(frames);
  PeopleFollower follower;
  for (std::size_t t = 0; t < frames.size(); ++t) follower.add_frame(static_cast<int>(t), frames[t]);
  return follower.join();
}

}  // namespace retime

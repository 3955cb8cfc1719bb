#include "data/follow/people_tracker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/progress.hpp"
#include "core/text.hpp"
#include "data/follow/link_tracklets.hpp"
#include "data/follow/person_follower.hpp"
#include "data/follow/visible_masks.hpp"

namespace retime {
namespace {

constexpr float kSureBody = 0.9F;  // score of a pose
constexpr float kMoved = 0.3F;     // of its size, that a body without a box has moved
constexpr int kOneCrossing = 10;   // frames between two contacts that are one crossing

/// How often `person` comes to touch any of the others.
int count_crossings(const Tracklet& person, const std::vector<Tracklet>& people) {
  int crossings = 0, last = -kOneCrossing - 1;
  for (const auto& [frame, body] : person)
    for (const auto& other : people) {
      const auto found = other.find(frame);
      if (&other == &person || found == other.end() || !touch(body, found->second)) continue;
      if (frame - last > kOneCrossing) ++crossings;
      last = frame;
    }
  return crossings;
}

/// Somebody, not something that looks like a body: seen for a while, and found as a box too, or else surely a body that
/// moves.
bool is_person(const Tracklet& person, int min_frames) {
  const auto frames = static_cast<int>(person.size());
  if (frames < min_frames) return false;
  cv::Rect2f hips;
  float score = 0;
  for (const auto& [frame, body] : person) {
    if (body.in_box) return true;
    score += body.score / static_cast<float>(frames);
    const cv::Rect2f here(body.hips(), cv::Size2f(1, 1));
    hips = hips.empty() ? here : hips | here;
  }
  return score > kSureBody && std::max(hips.width, hips.height) > kMoved * person.begin()->second.size();
}

FollowedPerson described(const Tracklet& tracklet, const std::vector<Tracklet>& people, std::size_t frames) {
  FollowedPerson person;
  person.joints.resize(frames);
  person.confidence.resize(frames);
  for (const auto& [frame, body] : tracklet) {
    person.joints[static_cast<std::size_t>(frame)] = coco_joints(body);
    person.confidence[static_cast<std::size_t>(frame)] = body.score;
  }
  person.crossings = count_crossings(tracklet, people);
  return person;
}

int count_gaps(const std::vector<float>& confidence, int first, int last) {
  int gaps = 0;
  for (int t = first + 1; t <= last; ++t)
    gaps += confidence[static_cast<std::size_t>(t)] <= 0 && confidence[static_cast<std::size_t>(t) - 1] > 0;
  return gaps;
}

}  // namespace

std::vector<FollowedPerson> follow_people(const FrameSequence& frames, PeopleFinder& finder,
                                          const FollowOptions& options) {
  auto tracklets = PersonFollower(frames, finder, options.detect_every).run(options.show_progress);
  auto people = linked(cut_at_contacts(std::move(tracklets)), frames.size());
  const int min_frames = std::min(options.min_frames, std::max(1, frames.count()));
  std::erase_if(people, [&](const Tracklet& person) { return !is_person(person, min_frames); });
  auto masks = visible_masks(frames, people, options.show_progress);
  std::vector<FollowedPerson> result;
  for (std::size_t i = 0; i < people.size(); ++i) {
    result.push_back(described(people[i], people, static_cast<std::size_t>(frames.count())));
    result.back().masks = {"object_" + std::to_string(i + 1), std::move(masks[i])};
  }
  return result;
}

std::string report_of(const FollowedPerson& person) {
  const auto& confidence = person.confidence;
  const int first = first_frame(person.masks), last = last_frame(person.masks);
  const auto seen = std::count_if(confidence.begin(), confidence.end(), [](float value) { return value > 0; });
  const float sum = std::accumulate(confidence.begin(), confidence.end(), 0.0F);
  return fmt::format("a person, frames {} to {}, seen in {} (confidence {:.2f}), {}, {}", first, last, seen,
                     sum / static_cast<float>(std::max<std::ptrdiff_t>(1, seen)),
                     counted(count_gaps(confidence, first, last), "gap"), counted(person.crossings, "crossing"));
}

}  // namespace retime

#include "data/follow/person_follower.hpp"

#include <algorithm>
#include <cmath>

#include "data/follow/appearance.hpp"
#include "data/people/overlaps.hpp"

namespace retime {
namespace {

constexpr float kLeastScore = 0.5F, kLeastNewScore = 0.6F;
constexpr float kFarthestJump = 0.35F;  // of the body's size in a frame, from where it was expected
constexpr float kLargestGrowth = 1.6F;  // in a frame
constexpr float kSameBody = 0.45F;      // likeness of poses
constexpr float kSameBox = 0.6F;        // overlap of a box with a body's
constexpr float kNearHips = 0.15F;
constexpr float kCoveredBody = 0.6F;      // share of the smaller of two bodies' boxes that lies in the other
constexpr int kFewestVisiblePoints = 12;  // of the 33 of a newcomer
constexpr float kVisible = 0.5F;
constexpr float kTrustInVelocity = 0.7F;
constexpr int kVelocityFrames = 3;

template <class Iterator>
cv::Point2f velocity_from(Iterator end, std::size_t length) {
  const int steps = std::min(kVelocityFrames, static_cast<int>(length) - 1);
  if (steps < 1) return {};
  const auto before = std::next(end, steps);
  const cv::Point2f velocity = (end->second.hips() - before->second.hips()) / steps;
  const float speed = static_cast<float>(cv::norm(velocity)), limit = 0.3F * end->second.size();
  return speed > limit ? velocity * (limit / speed) : velocity;
}

/// Share of the smaller box that lies in the other one.
float covered(const cv::Rect& a, const cv::Rect& b) {
  const auto smaller = static_cast<float>(std::min(a.area(), b.area()));
  return smaller > 0 ? static_cast<float>((a & b).area()) / smaller : 0;
}

/// How well a tracklet's sighting of a frame goes on from its neighbour.
float steadiness(const Tracklet& tracklet, int frame) {
  const auto here = tracklet.find(frame);
  const bool is_last = std::next(here) == tracklet.end();
  if (tracklet.size() < 2) return 0;
  const auto& before = is_last ? std::prev(here)->second : std::next(here)->second;
  const float jump = static_cast<float>(cv::norm(here->second.hips() - before.hips())) / before.size();
  return likeness(here->second.appearance, before.appearance) - 0.5F * jump;
}

}  // namespace

cv::Point2f velocity_at_end(const Tracklet& tracklet) { return velocity_from(tracklet.rbegin(), tracklet.size()); }
cv::Point2f velocity_at_start(const Tracklet& tracklet) { return velocity_from(tracklet.begin(), tracklet.size()); }

std::vector<Tracklet> PersonFollower::run(bool show_progress) {
  tracklets_.clear();
  Progress progress("people", "frames", 2 * frames_.count(), show_progress);
  forwards(progress);
  backwards(progress);
  return std::move(tracklets_);
}

void PersonFollower::forwards(Progress& progress) {
  std::vector<std::size_t> active;
  for (int t = 0; t < frames_.count(); ++t) {
    const cv::Mat rgb = frames_.frame(t);
    const auto before = active.size();
    std::erase_if(active, [&](std::size_t i) { return !extend(tracklets_[i], rgb, t, Direction::kForwards); });
    part_with_shared_bodies(active, t);
    if (t % detect_every_ == 0 || active.size() < before) start_new(rgb, t, active);
    progress.update(t + 1);
  }
}

void PersonFollower::backwards(Progress& progress) {
  for (int t = frames_.count() - 1; t >= 0; --t) {
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < tracklets_.size(); ++i)
      if (tracklets_[i].begin()->first == t + 1) active.push_back(i);
    progress.update(2 * frames_.count() - t);
    if (active.empty()) continue;
    const cv::Mat rgb = frames_.frame(t);
    std::erase_if(active, [&](std::size_t i) { return !extend(tracklets_[i], rgb, t, Direction::kBackwards); });
    part_with_shared_bodies(active, t);
  }
}

bool PersonFollower::extend(Tracklet& tracklet, const cv::Mat& rgb, int frame, Direction direction) {
  const bool forwards = direction == Direction::kForwards;
  const Sighting& last = forwards ? tracklet.rbegin()->second : tracklet.begin()->second;
  const cv::Point2f velocity = forwards ? velocity_at_end(tracklet) : velocity_at_start(tracklet);
  PoseRegion region = last.next;
  region.centre += kTrustInVelocity * velocity;
  const Pose pose = finder_.estimate(rgb, region);
  if (pose.score < kLeastScore) return false;
  Sighting here = sighting_of(rgb, pose);
  const auto jump = static_cast<float>(cv::norm(here.hips() - last.hips() - velocity));
  const float growth = here.size() / std::max(1.0F, last.size());
  if (jump > kFarthestJump * std::max(20.0F, last.size()) || growth > kLargestGrowth || growth * kLargestGrowth < 1 ||
      here.mask.box().empty())
    return false;
  tracklet.emplace(frame, std::move(here));
  return true;
}

void PersonFollower::part_with_shared_bodies(std::vector<std::size_t>& active, int frame) {
  for (std::size_t i = active.size(); i-- > 0;) {
    Tracklet& tracklet = tracklets_[active[i]];
    const Sighting& body = tracklet.at(frame);
    for (std::size_t other = 0; other < tracklets_.size(); ++other) {
      const auto found = tracklets_[other].find(frame);
      if (other == active[i] || found == tracklets_[other].end()) continue;
      const bool also_active = std::find(active.begin(), active.end(), other) != active.end();
      const bool met_other_way = !also_active && covered(body.mask.box(), found->second.mask.box()) > kCoveredBody;
      if (pose_likeness(body, found->second) < kSameBody && !met_other_way) continue;
      if (also_active && steadiness(tracklet, frame) > steadiness(tracklets_[other], frame)) continue;
      tracklet.erase(frame);
      active.erase(active.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  }
}

void PersonFollower::start_new(const cv::Mat& rgb, int frame, std::vector<std::size_t>& active) {
  const auto start = [&](const PoseRegion& region, bool in_box) {
    auto body = newcomer(rgb, region);
    if (!body) return;
    body->in_box = in_box;
    if (has_somebody(frame, *body)) return;
    active.push_back(tracklets_.size());
    tracklets_.push_back({{frame, std::move(*body)}});
  };
  for (const auto& [box, score] : finder_.boxes(rgb)) {
    if (Sighting* body = known_in(frame, box))
      body->in_box = true;
    else
      start(finder_.region_of(rgb, box), true);
  }
  for (const auto& region : finder_.regions(rgb))
    if (!has_hips_at(frame, region)) start(region, false);
}

bool PersonFollower::has_hips_at(int frame, const PoseRegion& region) const {
  return std::any_of(tracklets_.begin(), tracklets_.end(), [&](const Tracklet& tracklet) {
    const auto found = tracklet.find(frame);
    return found != tracklet.end() && cv::norm(found->second.hips() - region.centre) < kNearHips * found->second.size();
  });
}

Sighting* PersonFollower::known_in(int frame, const cv::Rect2f& box) {
  for (auto& tracklet : tracklets_)
    if (const auto found = tracklet.find(frame); found != tracklet.end())
      if (box_iou(box, cv::Rect2f(found->second.mask.box())) > kSameBox) return &found->second;
  return nullptr;
}

std::optional<Sighting> PersonFollower::newcomer(const cv::Mat& rgb, const PoseRegion& region) {
  Pose pose = finder_.estimate(rgb, region);
  if (pose.score < kLeastScore) return std::nullopt;
  pose = finder_.estimate(rgb, pose.next);
  const auto visible = std::count_if(pose.points.begin(), pose.points.end(),
                                     [](const PosePoint& point) { return point.visibility > kVisible; });
  if (pose.score < kLeastNewScore || visible < kFewestVisiblePoints) return std::nullopt;
  Sighting body = sighting_of(rgb, pose);
  if (body.mask.box().empty()) return std::nullopt;
  return body;
}

bool PersonFollower::has_somebody(int frame, const Sighting& body) const {
  return std::any_of(tracklets_.begin(), tracklets_.end(), [&](const Tracklet& tracklet) {
    const auto found = tracklet.find(frame);
    if (found == tracklet.end()) return false;
    const Sighting& other = found->second;
    const bool is_inside = covered(other.mask.box(), body.mask.box()) > kCoveredBody;
    const bool has_same_hips = cv::norm(other.hips() - body.hips()) < kNearHips * body.size();
    return pose_likeness(other, body) > kSameBody || box_iou(other.mask.box(), body.mask.box()) > kSameBox ||
           (is_inside && (has_same_hips || !body.in_box));
  });
}

}  // namespace retime

#include "data/follow/person_follower.hpp"

#include <algorithm>
#include <cmath>

#include "data/follow/appearance.hpp"
#include "data/people/overlaps.hpp"

namespace retime {
namespace {

constexpr float kLeastScore = 0.5F, kLeastNewScore = 0.6F;
constexpr float kSureBox = 0.4F;        // score from which a box is somebody; below, the pose has to be sure
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
constexpr int kSoughtFrames = 24, kSoughtEvery = 2;  // for how long somebody who was lost is looked for
constexpr int kSteadyFrames = 10;                    // for so long people go on as before

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

bool is_at_side(const Sighting& body, Size frame) {
  const cv::Rect& box = body.mask.box();
  return box.x <= 1 || box.br().x >= frame.width - 1;
}

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
  lost_.clear();
  std::vector<std::size_t> active;
  for (int t = 0; t < frames_.count(); ++t) {
    const cv::Mat rgb = frames_.frame(t);
    const auto before = active.size();
    extend_all(rgb, t, Direction::kForwards, active);
    if (t % detect_every_ == 0 || active.size() < before) search(rgb, t, active);
    search_lost(rgb, t, Direction::kForwards, active);
    progress.update(t + 1);
  }
}

void PersonFollower::backwards(Progress& progress) {
  lost_.clear();
  for (int t = frames_.count() - 1; t >= 0; --t) {
    std::vector<std::size_t> active;
    for (std::size_t i = 0; i < tracklets_.size(); ++i)
      if (tracklets_[i].begin()->first == t + 1) active.push_back(i);
    progress.update(2 * frames_.count() - t);
    if (active.empty() && lost_.empty()) continue;
    const cv::Mat rgb = frames_.frame(t);
    extend_all(rgb, t, Direction::kBackwards, active);
    search_lost(rgb, t, Direction::kBackwards, active);
  }
}

void PersonFollower::extend_all(const cv::Mat& rgb, int frame, Direction direction, std::vector<std::size_t>& active) {
  const auto before = active;
  std::erase_if(active, [&](std::size_t i) { return !extend(tracklets_[i], rgb, frame, direction); });
  part_with_shared_bodies(active, frame);
  for (const std::size_t i : before)
    if (std::find(active.begin(), active.end(), i) == active.end() && !tracklets_[i].empty()) lost_.push_back(i);
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

bool PersonFollower::start(const cv::Mat& rgb, int frame, const PoseRegion& region, bool in_box,
                           std::vector<std::size_t>& active) {
  auto body = newcomer(rgb, region);
  if (!body) return false;
  body->in_box = in_box;
  if (has_somebody(frame, *body)) return false;
  active.push_back(tracklets_.size());
  tracklets_.push_back({{frame, std::move(*body)}});
  return true;
}

void PersonFollower::search(const cv::Mat& rgb, int frame, std::vector<std::size_t>& active) {
  for (const auto& [box, score] : finder_.boxes(rgb)) {
    const bool is_sure = score >= kSureBox;
    if (Sighting* body = known_in(frame, box))
      body->in_box |= is_sure;
    else
      start(rgb, frame, finder_.region_of(rgb, box), is_sure, active);
  }
  for (const auto& region : finder_.regions(rgb))
    if (!has_hips_at(frame, region)) start(rgb, frame, region, false, active);
}

void PersonFollower::search_lost(const cv::Mat& rgb, int frame, Direction direction, std::vector<std::size_t>& active) {
  std::erase_if(lost_, [&](std::size_t i) {
    const bool forwards = direction == Direction::kForwards;
    const auto& [last_frame, last] = forwards ? *tracklets_[i].rbegin() : *tracklets_[i].begin();
    const int gap = std::abs(frame - last_frame);
    if (gap > kSoughtFrames || is_at_side(last, frames_.size())) return true;
    if (gap % kSoughtEvery != 0) return false;
    const cv::Point2f velocity = forwards ? velocity_at_end(tracklets_[i]) : velocity_at_start(tracklets_[i]);
    const cv::Point2f hips = last.hips() + velocity * static_cast<float>(std::min(gap, kSteadyFrames));
    const cv::Size2f size(last.size(), last.size());
    const PoseRegion region = finder_.region_of(rgb, {hips - 0.5F * cv::Point2f(size.width, size.height), size});
    return !has_hips_at(frame, region) && start(rgb, frame, region, false, active);
  });
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

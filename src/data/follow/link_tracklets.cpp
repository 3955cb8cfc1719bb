#include "data/follow/link_tracklets.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/follow/appearance.hpp"
#include "data/follow/person_follower.hpp"
#include "data/people/overlaps.hpp"
#include "pose/assignment.hpp"

namespace retime {
namespace {

constexpr float kTouchingHips = 0.45F;  // distance, of the larger body's size
constexpr int kSameContact = 5;         // frames between two contacts that are one
constexpr int kLongestGap = 60;         // frames
constexpr double kAlone = 0.75;         // cost of having no successor
constexpr double kGoesOn = 0.1;         // bonus of a tracklet that was cut
constexpr int kShortGap = 10;           // frames; after longer ones more has to speak for a link
constexpr double kLeastLike = 0.3, kLeastLikeLater = 0.55;
constexpr double kLargestRatio = 0.5;    // logarithm of two sizes' ratio
constexpr float kSamePlaceLater = 0.4F;  // overlap of boxes, from which on looks are of less weight
constexpr double kLessLike = 0.6;
constexpr int kFramesOfAppearance = 30;

struct PeopleContact {
  int first = 0, last = 0, nearest = 0;
};

/// When two tracklets touch.
std::vector<PeopleContact> contacts_of(const Tracklet& a, const Tracklet& b) {
  std::vector<PeopleContact> contacts;
  double least = 0;
  for (const auto& [frame, body] : a) {
    const auto other = b.find(frame);
    if (other == b.end() || !touch(body, other->second)) continue;
    const double distance = cv::norm(body.hips() - other->second.hips());
    if (contacts.empty() || frame - contacts.back().last > kSameContact) {
      contacts.push_back({frame, frame, frame});
      least = distance;
    }
    contacts.back().last = frame;
    if (distance < least) {
      least = distance;
      contacts.back().nearest = frame;
    }
  }
  return contacts;
}

/// A tracklet as the linking sees it.
struct Piece {
  const Tracklet* tracklet;
  cv::Mat appearance;
  int first() const { return tracklet->begin()->first; }
  int last() const { return tracklet->rbegin()->first; }
};

bool touches_any(int frame, const Sighting& body, const std::vector<Tracklet>& tracklets, const Tracklet& own) {
  return std::any_of(tracklets.begin(), tracklets.end(), [&](const Tracklet& other) {
    const auto found = other.find(frame);
    return &other != &own && found != other.end() && touch(body, found->second);
  });
}

/// The mean of what is seen while nobody else is near; of all where somebody always is.
cv::Mat typical_appearance(const Tracklet& tracklet, const std::vector<Tracklet>& all) {
  std::vector<cv::Mat> clean, any;
  const int step = std::max(1, static_cast<int>(tracklet.size()) / kFramesOfAppearance);
  int count = 0;
  for (const auto& [frame, body] : tracklet) {
    if (count++ % step != 0) continue;
    any.push_back(body.appearance);
    if (!touches_any(frame, body, all, tracklet)) clean.push_back(body.appearance);
  }
  return mean_appearance(clean.empty() ? any : clean);
}

/// What it costs to take `next` for who `before` was.
double link_cost(const Piece& before, const Piece& next, Size frame) {
  const int gap = next.first() - before.last();
  if (gap < 1 || gap > kLongestGap) return kNeverPaired;
  const Sighting &end = before.tracklet->rbegin()->second, &start = next.tracklet->begin()->second;
  const cv::Point2f moved = velocity_at_end(*before.tracklet) * static_cast<float>(std::min(gap, kShortGap));
  const double distance = std::min(cv::norm(start.hips() - end.hips() - moved), cv::norm(start.hips() - end.hips()));
  const double reach = (0.6 + 0.12 * std::min(gap, kShortGap)) * start.size();
  const double ratio = std::abs(std::log(start.size() / std::max(1.0F, end.size())));
  const double alike = likeness(before.appearance, next.appearance);
  const bool stays = gap <= 2 && box_iou(end.mask.box(), start.mask.box()) > kSamePlaceLater;
  if (distance > reach || ratio > kLargestRatio || (alike < kLeastLike && !stays)) return kNeverPaired;
  const bool has_left = is_at_side(end, frame) || is_at_side(start, frame);
  if (gap > kShortGap && (has_left || alike < kLeastLikeLater)) return kNeverPaired;
  const bool goes_on = gap == 1 && distance < 0.2 * start.size();
  return (stays ? kLessLike : 1) * (1 - alike) + 0.35 * distance / reach + 0.2 * ratio + 0.003 * gap -
         (goes_on ? kGoesOn : 0);
}

}  // namespace

bool touch(const Sighting& a, const Sighting& b) {
  const double distance = cv::norm(a.hips() - b.hips());
  return distance < kTouchingHips * std::max(a.size(), b.size()) && !(a.mask.box() & b.mask.box()).empty();
}

std::vector<Tracklet> cut_at_contacts(std::vector<Tracklet> tracklets) {
  std::vector<std::set<int>> cuts(tracklets.size());  // frames before which a new piece begins
  for (std::size_t i = 0; i < tracklets.size(); ++i)
    for (std::size_t k = i + 1; k < tracklets.size(); ++k)
      for (const auto& contact : contacts_of(tracklets[i], tracklets[k]))
        for (const auto which : {i, k}) cuts[which].insert(contact.nearest + 1);
  std::vector<Tracklet> pieces;
  for (std::size_t i = 0; i < tracklets.size(); ++i) {
    pieces.emplace_back();
    for (auto& [frame, body] : tracklets[i]) {
      if (cuts[i].contains(frame) && !pieces.back().empty()) pieces.emplace_back();
      pieces.back().emplace(frame, std::move(body));
    }
  }
  return pieces;
}

std::vector<Tracklet> linked(const std::vector<Tracklet>& tracklets, Size frame) {
  std::vector<Piece> pieces;
  for (const auto& tracklet : tracklets) pieces.push_back({&tracklet, typical_appearance(tracklet, tracklets)});
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.first() < b.first(); });
  std::vector<std::vector<double>> costs(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (const Piece& next : pieces) costs[i].push_back(link_cost(pieces[i], next, frame));
  const auto successors = best_assignment(costs, kAlone);
  std::vector<std::size_t> person_of(pieces.size());
  std::vector<Tracklet> people;
  std::set<int> followers(successors.begin(), successors.end());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (!followers.contains(static_cast<int>(i))) {
      person_of[i] = people.size();
      people.emplace_back();
    }
    people[person_of[i]].insert(pieces[i].tracklet->begin(), pieces[i].tracklet->end());
    if (successors[i] >= 0) person_of[static_cast<std::size_t>(successors[i])] = person_of[i];
  }
  return people;
}

}  // namespace retime

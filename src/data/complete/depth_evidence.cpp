#include "data/complete/depth_evidence.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "data/masks/object_maps.hpp"

namespace retime {
namespace {

constexpr int kRounds = 2;                // who is in front decides what is seen whole, and that who is in front
constexpr int kEvidenceFrames = 12;       // of a contact, from its beginning and from its end
constexpr double kClearlyMore = 0.1;      // share of all evidence by which one must be ahead
constexpr double kLeastEvidence = 0.004;  // of the body's pixels, a frame
constexpr double kGaitSeconds = 1.2;      // a step and its sway come and go within that
constexpr int kBorderPixels = 2;
constexpr int kEnoughWhole = 3;  // frames seen whole without those that the border cuts

using Beliefs = std::vector<OrderedContact>;

bool is_cut(const cv::Rect& box, Size size) {
  return box.x < kBorderPixels || box.y < kBorderPixels || box.br().x > size.width - kBorderPixels ||
         box.br().y > size.height - kBorderPixels;
}

Beliefs by_ground_contact(const SeenObjects& seen, const std::vector<Contact>& contacts) {
  const auto order = depth_order(seen.tracks, seen.size, seen.rate);
  Beliefs beliefs;
  for (const Contact& contact : contacts) {
    int a_behind = 0;
    for (int t = contact.first; t <= contact.last; ++t) {
      const auto& row = order[static_cast<std::size_t>(t)];
      const bool behind = std::find(row.begin(), row.end(), contact.a) < std::find(row.begin(), row.end(), contact.b);
      a_behind += behind ? 1 : -1;
    }
    beliefs.push_back(a_behind >= 0 ? OrderedContact{contact, contact.a, contact.b}
                                    : OrderedContact{contact, contact.b, contact.a});
  }
  return beliefs;
}

int nearest_whole(const std::vector<double>& weights, int from, int step) {
  for (int t = from; t >= 0 && t < static_cast<int>(weights.size()); t += step)
    if (weights[static_cast<std::size_t>(t)] > 0) return t;
  return -1;
}

/// Share of the object's body that would lie in the other's mask, summed over frames next to where it was seen whole;
/// nothing when it was not.
std::optional<double> covered_share(const SeenObjects& seen, const Beliefs& beliefs, const Contact& contact, int object,
                                    int other) {
  const auto weights = whole_frames(seen, beliefs, object, &contact);
  const auto path = smooth_path(seen.places[static_cast<std::size_t>(object)], weights, seen.period);
  if (path.empty()) return std::nullopt;
  const auto& masks = seen.tracks[static_cast<std::size_t>(object)].frames;
  const auto& others = seen.tracks[static_cast<std::size_t>(other)].frames;
  double sum = 0;
  for (const int step : {-1, 1}) {
    const int from = nearest_whole(weights, step < 0 ? contact.first : contact.last, step);
    if (from < 0) continue;
    const BoxMask& mask = masks[static_cast<std::size_t>(from)];
    for (int i = 0; i < kEvidenceFrames; ++i) {
      const int t = step < 0 ? contact.first + i : contact.last - i;
      if (t < contact.first || t > contact.last || std::abs(t - from) > 2 * kEvidenceFrames) continue;
      const auto at = static_cast<std::size_t>(t);
      const cv::Mat body =
          carried(mask.crop(), mask.box.tl(), path[static_cast<std::size_t>(from)], path[at], others[at].box);
      if (!body.empty()) sum += cv::countNonZero((body > 127) & others[at].crop()) / static_cast<double>(mask.area());
    }
  }
  return sum;
}

}  // namespace

SeenObjects seen_objects(const std::vector<MaskTrack>& tracks, Size size, double rate) {
  SeenObjects seen{tracks, {}, size, rate, kGaitSeconds * rate};
  for (const MaskTrack& track : tracks) {
    std::vector<BodyPlacement> places;
    for (const BoxMask& mask : track.frames) places.push_back(mask.empty() ? BodyPlacement{} : placement_of(mask));
    seen.places.push_back(std::move(places));
  }
  return seen;
}

std::vector<double> whole_frames(const SeenObjects& seen, const std::vector<OrderedContact>& contacts, int object,
                                 const Contact* left_out) {
  const auto& masks = seen.tracks[static_cast<std::size_t>(object)].frames;
  std::vector<double> whole(masks.size()), uncut(masks.size());
  for (std::size_t t = 0; t < masks.size(); ++t) whole[t] = masks[t].empty() ? 0 : 1;
  const auto drop = [&](const Contact& contact) {
    std::fill(whole.begin() + contact.first, whole.begin() + contact.last + 1, 0.0);
  };
  for (const OrderedContact& ordered : contacts)
    if (ordered.behind == object) drop(ordered.contact);
  if (left_out) drop(*left_out);
  for (std::size_t t = 0; t < masks.size(); ++t) uncut[t] = is_cut(masks[t].box, seen.size) ? 0 : whole[t];
  return std::count(uncut.begin(), uncut.end(), 1.0) >= kEnoughWhole ? uncut : whole;
}

std::vector<OrderedContact> order_contacts(const SeenObjects& seen, const std::vector<Contact>& contacts) {
  Beliefs beliefs = by_ground_contact(seen, contacts);
  for (int round = 0; round < kRounds; ++round) {
    Beliefs next = beliefs;
    for (std::size_t i = 0; i < contacts.size(); ++i) {
      const auto [contact, behind, front] = beliefs[i];
      const auto for_belief = covered_share(seen, beliefs, contact, behind, front);
      const auto against = covered_share(seen, beliefs, contact, front, behind);
      if (!for_belief || !against) continue;
      const double least = kLeastEvidence * (contact.last - contact.first + 1);
      if (*against - *for_belief > std::max(least, kClearlyMore * (*against + *for_belief)))
        next[i] = {contact, front, behind};
    }
    beliefs = std::move(next);
  }
  return beliefs;
}

}  // namespace retime

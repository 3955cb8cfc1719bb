#include "data/follow/visible_masks.hpp"

#include <algorithm>

#include "core/progress.hpp"
#include "data/follow/contacts.hpp"
#include "data/follow/snap_edges.hpp"
#include "data/follow/split_people.hpp"

namespace retime {
namespace {

// The networks doubt the rims of bodies, most of all those of people who are small. Of the clips in docs/input.md, the
// boys are best near 0.5 and 0.35, the player at 0.35, the hall below 0.2.
constexpr float kBody = 0.3F;
constexpr float kSnapRadius = 0.02F;  // of the longer side of the box

struct SnappedMask {
  cv::Rect box;
  cv::Mat probability;  ///< CV_32F, of the box's size
};

SnappedMask snapped(const SoftMask& mask, const cv::Mat& rgb) {
  if (mask.box().empty()) return {};
  const int radius =
      std::max(1, cvRound(kSnapRadius * static_cast<float>(std::max(mask.box().height, mask.box().width))));
  cv::Rect box(mask.box().tl() - cv::Point(2 * radius, 2 * radius),
               mask.box().size() + cv::Size(4 * radius, 4 * radius));
  box &= cv::Rect(0, 0, rgb.cols, rgb.rows);
  return {box, snapped_to_edges(rgb(box), mask.part(box), radius)};
}

/// Each pixel belongs to who is most probable there.
std::vector<BoxMask> shared_out(const std::vector<SnappedMask>& people, const cv::Size& size) {
  cv::Mat best(size, CV_32F, cv::Scalar(kBody)), owner = cv::Mat::zeros(size, CV_16U);
  for (std::size_t i = 0; i < people.size(); ++i) {
    if (people[i].box.empty()) continue;
    cv::Mat least = best(people[i].box);
    const cv::Mat wins = people[i].probability > least;
    people[i].probability.copyTo(least, wins);
    owner(people[i].box).setTo(static_cast<double>(i + 1), wins);
  }
  std::vector<BoxMask> masks;
  for (std::size_t i = 0; i < people.size(); ++i)
    masks.push_back(people[i].box.empty() ? BoxMask{} : box_mask_from_full(owner == static_cast<int>(i + 1)));
  return masks;
}

/// Whether person `k` of a contact is seen in a frame and touches none of the others near it: then the pose's own mask
/// is better.
bool is_apart(const std::vector<Tracklet>& people, const PeopleContact& contact, std::size_t k, int frame) {
  const Tracklet& person = people[contact.people[k]];
  if (!person.contains(frame)) return false;
  return std::none_of(contact.people.begin(), contact.people.end(), [&](std::size_t other) {
    for (int t = frame - kContactMargin; t <= frame + kContactMargin; ++t)
      if (other != contact.people[k] && touch_in(person, people[other], t)) return true;
    return false;
  });
}

/// The masks of all people, those of contacts told apart.
std::vector<SoftMasks> soft_masks(const FrameSequence& frames, const std::vector<Tracklet>& people,
                                  bool show_progress) {
  std::vector<SoftMasks> masks(people.size());
  for (std::size_t i = 0; i < people.size(); ++i)
    for (const auto& [frame, body] : people[i]) masks[i][frame] = body.mask;
  const auto contacts = find_contacts(people);
  Progress progress("contacts", "contacts", static_cast<std::int64_t>(contacts.size()), show_progress);
  for (std::size_t c = 0; c < contacts.size(); ++c) {
    auto split = split_people(frames, people, contacts[c]);
    for (std::size_t k = 0; k < split.size(); ++k)
      for (auto& [frame, mask] : split[k])
        if (!is_apart(people, contacts[c], k, frame)) masks[contacts[c].people[k]][frame] = std::move(mask);
    progress.update(static_cast<std::int64_t>(c) + 1);
  }
  return masks;
}

}  // namespace

std::vector<std::vector<BoxMask>> visible_masks(const FrameSequence& frames, const std::vector<Tracklet>& people,
                                                bool show_progress) {
  if (people.empty()) return {};
  const auto soft = soft_masks(frames, people, show_progress);
  std::vector<std::vector<BoxMask>> result(people.size());
  Progress progress("outlines", "frames", frames.count(), show_progress);
  for (int t = 0; t < frames.count(); ++t) {
    const cv::Mat rgb = frames.frame(t);
    std::vector<SnappedMask> bodies;
    for (const auto& masks : soft) {
      const auto found = masks.find(t);
      bodies.push_back(found == masks.end() ? SnappedMask{} : snapped(found->second, rgb));
    }
    auto masks = shared_out(bodies, rgb.size());
    for (std::size_t i = 0; i < people.size(); ++i) result[i].push_back(std::move(masks[i]));
    progress.update(t + 1);
  }
  return result;
}

}  // namespace retime

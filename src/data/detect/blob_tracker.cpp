#include "data/detect/blob_tracker.hpp"

#include <algorithm>
#include <numeric>

namespace retime {
namespace {

constexpr float kOverlap = 0.2F;       // of the smaller of blob and expected shape: they belong together
constexpr float kWholeShare = 0.4F;    // of the expected area: a smaller blob is not all of an object
constexpr float kSameColours = 0.45F;  // histogram overlap of a lost object and its return
constexpr float kSomeColours = 0.15F;  // ... and of what is left of it at the border with its last masks
constexpr float kPartGap = 0.25F;  // of the object's height: blobs of one expected shape nearer than this belong to it
constexpr int kBorderGap = 3;      // frames after which a lost object at the picture's border has left
constexpr int kConfirmed = 6;      // independent frames that make an object more than a fragment
constexpr float kInertia = 0.6F;

cv::Point2f centre_of(const cv::Rect& box) {
  return {static_cast<float>(box.x) + 0.5F * static_cast<float>(box.width),
          static_cast<float>(box.y) + 0.5F * static_cast<float>(box.height)};
}

BoxMask moved(const BoxMask& mask, cv::Point2f by) {
  BoxMask result = mask;
  result.box += cv::Point(cvRound(by.x), cvRound(by.y));
  return result;
}

float overlap(const Blob& blob, const BoxMask& shape) {
  const int smaller = std::min(blob.area, mask_area(shape));
  return smaller == 0 ? 0.F : static_cast<float>(shared_area(blob.mask, shape)) / static_cast<float>(smaller);
}

std::size_t root_of(std::vector<std::size_t>& parent, std::size_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

}  // namespace

bool BlobTracker::at_border(const cv::Rect& box) const {
  return box.x <= 1 || box.y <= 1 || box.br().x >= size_.width - 1 || box.br().y >= size_.height - 1;
}

void BlobTracker::predict(const CameraStep& step) {
  for (TrackedObject& object : objects_) {
    if (object.ended) continue;
    const cv::Point2f centre = centre_of(object.shape.box);
    const cv::Point2f shift = step ? cv::Point2f(step(centre)) - centre : cv::Point2f();
    object.shape = moved(object.shape, object.velocity + shift);
  }
}

std::vector<BlobTracker::Group> BlobTracker::group_overlaps(const std::vector<Blob>& blobs) const {
  const std::size_t n = objects_.size();
  std::vector<std::size_t> parent(n + blobs.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t b = 0; b < blobs.size() && !objects_[k].ended; ++b) {
      if (overlap(blobs[b], objects_[k].shape) >= kOverlap) parent[root_of(parent, n + b)] = root_of(parent, k);
    }
  }
  std::vector<Group> groups(parent.size());
  for (std::size_t k = 0; k < n; ++k) groups[root_of(parent, k)].objects.push_back(k);
  for (std::size_t b = 0; b < blobs.size(); ++b) groups[root_of(parent, n + b)].blobs.push_back(b);
  std::erase_if(groups, [](const Group& g) { return g.blobs.empty(); });
  return groups;
}

void BlobTracker::observe(const cv::Mat& frame, TrackedObject& object, const BoxMask& mask, bool whole) {
  if (mask.empty()) return;
  if (whole) {
    if (object.whole_before && object.last_seen == frame_index_ - 1) {
      // The shape was moved by the velocity already: what is left is the error of the prediction.
      const cv::Point2f error = centre_of(mask.box) - centre_of(object.shape.box);
      object.velocity += (1.F - kInertia) * error;
    }
    object.shape = mask;
    const cv::Mat colours = colour_histogram(frame, mask);
    object.colours = object.colours.empty() ? colours : cv::Mat(0.9 * object.colours + 0.1 * colours);
  }
  BoxMask& now = object.frames[frame_index_];
  now = united_mask(now, mask);
  object.seen += object.last_seen == frame_index_ ? 0 : 1;
  object.last_seen = frame_index_;
  object.whole_before = whole;
}

void BlobTracker::start(const Blob& blob) {
  TrackedObject object;
  object.frames[frame_index_] = blob.mask;
  object.shape = blob.mask;
  object.colours = blob.colours;
  object.seen = 1;
  object.last_seen = frame_index_;
  object.whole_before = true;
  objects_.push_back(std::move(object));
}

void BlobTracker::assign_all_to_one(const cv::Mat& frame, const std::vector<Blob>& blobs, const Group& group) {
  TrackedObject& object = objects_[group.objects.front()];
  const auto nearest = std::max_element(group.blobs.begin(), group.blobs.end(), [&](std::size_t a, std::size_t b) {
    return shared_area(blobs[a].mask, object.shape) < shared_area(blobs[b].mask, object.shape);
  });
  BoxMask mask = blobs[*nearest].mask;
  std::vector<std::size_t> apart;
  for (const std::size_t b : group.blobs) {
    if (b == *nearest) continue;
    const float reach = kPartGap * static_cast<float>(object.shape.box.height);
    if (adjoins(blobs[b].mask.box, mask.box) || box_gap(blobs[b].mask.box, mask.box) <= reach) {
      mask = united_mask(mask, blobs[b].mask);
    } else {
      apart.push_back(b);
    }
  }
  observe(frame, object, mask, true);
  for (const std::size_t b : apart) start(blobs[b]);
}

bool BlobTracker::assign_one_to_one(const cv::Mat& frame, const std::vector<Blob>& blobs, const Group& group) {
  struct Pair {
    float score;
    std::size_t object, blob;
  };
  std::vector<Pair> pairs;
  for (const std::size_t k : group.objects) {
    for (const std::size_t b : group.blobs) {
      const float colours = histogram_overlap(objects_[k].colours, blobs[b].colours);
      pairs.push_back({0.4F * overlap(blobs[b], objects_[k].shape) + 0.6F * colours, k, b});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.score > b.score; });
  std::vector<Pair> chosen;
  for (const Pair& p : pairs) {
    const bool taken = std::any_of(chosen.begin(), chosen.end(),
                                   [&](const Pair& q) { return q.object == p.object || q.blob == p.blob; });
    const float whole = kWholeShare * static_cast<float>(mask_area(objects_[p.object].shape));
    if (!taken && static_cast<float>(blobs[p.blob].area) >= whole) chosen.push_back(p);
  }
  if (chosen.size() < group.objects.size()) return false;
  for (const Pair& p : chosen) observe(frame, objects_[p.object], blobs[p.blob].mask, true);
  for (const std::size_t b : group.blobs) {
    if (std::none_of(chosen.begin(), chosen.end(), [&](const Pair& p) { return p.blob == b; }))
      place_orphan(frame, blobs[b]);
  }
  return true;
}

void BlobTracker::absorb_fragments(Group& group) {
  std::sort(group.objects.begin(), group.objects.end(), [&](std::size_t a, std::size_t b) {
    return std::min(objects_[a].independent, kConfirmed) * mask_area(objects_[a].shape) >
           std::min(objects_[b].independent, kConfirmed) * mask_area(objects_[b].shape);
  });
  for (std::size_t i = group.objects.size(); i-- > 1;) {
    TrackedObject &part = objects_[group.objects[i]], &whole = objects_[group.objects.front()];
    if (part.independent >= kConfirmed && !is_fragment(part.frames, whole.frames)) continue;
    absorb(part.frames, whole.frames);
    part.ended = true;
    group.objects.erase(group.objects.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void BlobTracker::assign_group(const cv::Mat& frame, const std::vector<Blob>& blobs, Group group) {
  if (group.objects.size() > 1) absorb_fragments(group);
  if (group.objects.size() == 1) return assign_all_to_one(frame, blobs, group);
  if (group.blobs.size() >= group.objects.size() && assign_one_to_one(frame, blobs, group)) return;
  std::vector<const TrackedObject*> owners;
  for (const std::size_t k : group.objects) owners.push_back(&objects_[k]);
  std::vector<BoxMask> parts(owners.size());
  for (const std::size_t b : group.blobs) {
    const std::vector<BoxMask> divided = divide_blob(frame, blobs[b].mask, owners);
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = united_mask(parts[i], divided[i]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) observe(frame, objects_[group.objects[i]], parts[i], false);
}

void BlobTracker::place_orphan(const cv::Mat& frame, const Blob& blob) {
  for (TrackedObject& object : objects_) {
    if (object.ended || object.last_seen < 0) continue;
    const bool lost = object.last_seen < frame_index_;
    const bool near = box_gap(blob.mask.box, object.shape.box) <= static_cast<float>(object.shape.box.height);
    const float alike = lost ? histogram_overlap(object.colours, blob.colours) : 0.F;
    const bool leaving = object.last_seen >= frame_index_ - kBorderGap && at_border(object.shape.box);
    const bool returned = lost && near && alike > (leaving ? kSomeColours : kSameColours);
    const bool fragment = adjoins(blob.mask.box, object.shape.box) && 2 * blob.area < mask_area(object.shape);
    if (returned || fragment) return observe(frame, object, blob.mask, returned);
  }
  start(blob);
}

void BlobTracker::count_independent() {
  std::vector<std::pair<TrackedObject*, const BoxMask*>> seen;
  for (TrackedObject& object : objects_)
    if (const auto now = object.frames.find(frame_index_); now != object.frames.end())
      seen.emplace_back(&object, &now->second);
  for (const auto& [object, mask] : seen) {
    const int area = mask_area(*mask);
    const cv::Rect box = mask->box;
    const bool part = std::any_of(seen.begin(), seen.end(), [&](const auto& other) {
      return area < kFragmentShare * static_cast<float>(mask_area(*other.second)) && adjoins(box, other.second->box);
    });
    object->independent += area >= min_area_ && !part ? 1 : 0;
  }
}

void BlobTracker::close_lost() {
  for (TrackedObject& object : objects_) {
    const int gap = frame_index_ - object.last_seen;
    if (gap > (at_border(object.shape.box) ? kBorderGap : max_gap_)) object.ended = true;
  }
}

void BlobTracker::add(const cv::Mat& frame, const std::vector<Blob>& blobs, const CameraStep& step) {
  ++frame_index_;
  predict(step);
  const std::vector<Group> groups = group_overlaps(blobs);
  for (const Group& group : groups) {
    if (!group.objects.empty()) assign_group(frame, blobs, group);
  }
  for (const Group& group : groups) {
    if (group.objects.empty()) place_orphan(frame, blobs[group.blobs.front()]);
  }
  count_independent();
  close_lost();
}

}  // namespace retime

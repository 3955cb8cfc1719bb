#include "data/prepare/joined_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/text.hpp"
#include "data/detect/blobs.hpp"

namespace retime {
namespace {

constexpr double kSameObject = 0.4;  // of the area of both in frames in which both have a mask
constexpr double kCovers = 0.55;     // of what is found of an object, that its masks should
constexpr double kLiesInside = 0.5;  // of what is found, in frames in which an object is named

/// Share of the area of both that they have in common, over the frames in which both have a mask.
double likeness(const MaskTrack& found, const MaskTrack& named) {
  double common = 0, either = 0;
  for (std::size_t t = 0; t < found.frames.size(); ++t) {
    const BoxMask &a = found.frames[t], &b = named.frames[t];
    if (a.empty() || b.empty()) continue;
    const int shared = shared_area(a, b);
    common += shared;
    either += a.area() + b.area() - shared;
  }
  return either > 0 ? common / either : 0;
}

/// Puts named and found objects together.
class Joining {
 public:
  Joining(NamedObjects named, MasksShow shown)
      : named_(std::move(named)), shown_(shown), objects_(named_.tracks), filled_(objects_.size()) {}

  void add(const MaskTrack& found) {
    std::size_t nearest = 0;
    double best = 0;
    for (std::size_t i = 0; i < named_.tracks.size(); ++i) {
      const double alike = likeness(found, named_.tracks[i]);
      if (alike > best) nearest = i, best = alike;
    }
    if (best >= kSameObject)
      fill(nearest, found);
    else if (lies_inside(found))
      log_info("found " + found.name + " lies in the masks of others: it is left out");
    else
      add_new(found);
  }

  std::vector<MaskTrack> run_out() {
    for (std::size_t i = 0; i < filled_.size(); ++i) tell(i);
    return std::move(objects_);
  }

 private:
  bool lies_inside(const MaskTrack& found) const {
    double inside = 0, all = 0;
    for (std::size_t t = 0; t < found.frames.size(); ++t) {
      const auto masks = masks_of_frame(named_.tracks, static_cast<int>(t));
      if (std::all_of(masks.begin(), masks.end(), [](const BoxMask& mask) { return mask.empty(); })) continue;
      all += found.frames[t].area();
      inside += found.frames[t].area() - mask_without(found.frames[t], masks).area();
    }
    return all > 0 && inside >= kLiesInside * all;
  }

  void fill(std::size_t object, const MaskTrack& found) {
    log_info("found " + found.name + " is " + objects_[object].name + " of the masks");
    auto& notes = objects_[object].notes;
    if (const double share = share_in(found, named_.tracks[object]); share < kCovers) {
      notes.push_back(
          fmt::format("its masks cover {:.0f} % of what frames show of it: look whether they are whole", 100 * share));
      log_warn(objects_[object].name + ": " + notes.back());
    }
    notes.insert(notes.end(), found.notes.begin(), found.notes.end());
    auto& frames = objects_[object].frames;
    for (std::size_t t = 0; t < frames.size(); ++t) {
      if (named_.told[object][t]) continue;
      const BoxMask mask = seen(found, t);
      filled_[object] += frames[t].empty() && !mask.empty();
      frames[t] = united_mask(frames[t], mask);
    }
  }

  /// What of a found object no mask names in the frame.
  BoxMask seen(const MaskTrack& found, std::size_t t) const {
    if (shown_ == MasksShow::kWholeBodies) return found.frames[t];
    return mask_without(found.frames[t], masks_of_frame(named_.tracks, static_cast<int>(t)));
  }

  void add_new(const MaskTrack& found) {
    MaskTrack object{free_name(found.name), {}, found.notes};
    for (std::size_t t = 0; t < found.frames.size(); ++t) object.frames.push_back(seen(found, t));
    if (first_frame(object) < 0) return;
    log_info(fmt::format("found {} is none of the masks' objects: it is {}", found.name, object.name));
    objects_.push_back(std::move(object));
  }

  std::string free_name(std::string name) const {
    const auto taken = [&] {
      return std::any_of(objects_.begin(), objects_.end(), [&](const MaskTrack& other) { return other.name == name; });
    };
    for (int number = 1; taken(); ++number) name = "object_" + std::to_string(number);
    return name;
  }

  void tell(std::size_t object) {
    const auto masks = std::count_if(named_.tracks[object].frames.begin(), named_.tracks[object].frames.end(),
                                     [](const BoxMask& mask) { return !mask.empty(); });
    auto& track = objects_[object];
    track.notes.push_back("masks in " + counted(masks, "frame"));
    if (filled_[object] > 0) track.notes.back() += fmt::format(", found in {} more", filled_[object]);
    log_info(track.name + ": " + track.notes.back());
  }

  NamedObjects named_;
  MasksShow shown_;
  std::vector<MaskTrack> objects_;
  std::vector<int> filled_;  // frames, by named object
};

}  // namespace

NamedObjects named_objects(std::vector<MaskTrack> tracks, const MaskFolder& folder, int first) {
  NamedObjects named{std::move(tracks), {}};
  for (std::size_t i = 0; i < named.tracks.size(); ++i) {
    auto& told = named.told.emplace_back(named.tracks[i].frames.size());
    for (std::size_t t = 0; t < told.size(); ++t)
      told[t] = folder.has(static_cast<int>(i), first + static_cast<int>(t));
  }
  return named;
}

std::vector<MaskTrack> joined_objects(NamedObjects named, const std::vector<MaskTrack>& found, MasksShow shown) {
  Joining joining(std::move(named), shown);
  for (const MaskTrack& object : found) joining.add(object);
  return joining.run_out();
}

}  // namespace retime

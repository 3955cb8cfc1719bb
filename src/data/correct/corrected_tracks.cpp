#include "data/correct/corrected_tracks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/options.hpp"
#include "core/text.hpp"
#include "data/correct/left_out_frames.hpp"
#include "data/correct/mask_repair.hpp"

namespace retime {
namespace {

// An object while corrections are applied. Its number never changes, whatever becomes of its name and place.
struct LiveObject {
  int number = 0;
  MaskTrack track;
  std::vector<int> origin;
  std::vector<BoxMask> unknown;
};

struct LiveGroup {
  std::vector<int> numbers;
  std::string name;
  bool is_named = false;
};

struct LiveOrder {
  std::vector<std::vector<int>> numbers;
  FrameSpan frames;
};

std::string span_text(const FrameSpan& frames) {
  if (frames.last == kLastFrame) return "all frames";
  return frames.first == frames.last ? fmt::format("frame {}", frames.first)
                                     : fmt::format("frames {} to {}", frames.first, frames.last);
}

class TrackCorrector {
 public:
  TrackCorrector(const Corrections& corrections, std::vector<MaskTrack> found, Size size, MaskKind kind)
      : corrections_(corrections), size_(size), kind_(kind) {
    frames_ = found.empty() ? 0 : static_cast<int>(found.front().frames.size());
    for (auto& track : found) {
      const int number = next_number_++;
      objects_.push_back(
          {number, std::move(track), std::vector<int>(frame_count(), number), std::vector<BoxMask>(frame_count())});
    }
    result_.left_out.assign(frame_count(), false);
  }

  CorrectedTracks run() {
    for (const auto& correction : corrections_.list) {
      now_ = &correction;
      std::visit([&](const auto& verb) { apply(verb); }, correction.verb);
      require_different_layers();
    }
    place_by_index();
    if (is_all_unknown())
      result_.warnings.push_back(
          "the whole picture is unknown in all frames, so that none shows the background: mark only what is in doubt");
    for (auto& object : objects_) {
      const bool was_there = first_frame(object.track) >= 0;
      if (kind_ == MaskKind::kFree) fill_left_out(result_.left_out, size_, object.track.frames, object.origin);
      if (was_there && first_frame(object.track) < 0)
        fail(object.track.name + " has no mask in a frame that is not left out",
             "remove it, or leave out fewer frames");
      result_.tracks.push_back(std::move(object.track));
      result_.origin.push_back(std::move(object.origin));
      result_.unknown.push_back(std::move(object.unknown));
    }
    return std::move(result_);
  }

 private:
  std::size_t frame_count() const { return static_cast<std::size_t>(frames_); }

  [[noreturn]] void fail(const std::string& problem, const std::string& advice) const {
    corrections_.fail(*now_, problem, advice);
  }

  void tell(const std::string& change) { result_.changes.push_back(change); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& object : objects_) names.push_back(object.track.name);
    for (const auto& group : groups_) names.push_back(group.name);
    return names;
  }

  LiveObject& object(const std::string& name) {
    for (auto& object : objects_)
      if (object.track.name == name) return object;
    if (group(name)) fail("'" + name + "' is a group", "name one of its members");
    fail("there is no object '" + name + "'" + suggestion(name, names()), "the objects are " + comma_list(names()));
  }

  LiveGroup* group(const std::string& name) {
    const auto found =
        std::find_if(groups_.begin(), groups_.end(), [&](const LiveGroup& group) { return group.name == name; });
    return found == groups_.end() ? nullptr : &*found;
  }

  void require_free(const std::string& name) const {
    const auto taken = names();
    if (std::find(taken.begin(), taken.end(), name) != taken.end())
      fail("there is an object '" + name + "' already", "choose another name");
  }

  /// As it is called at the end.
  std::string layer_name(const LiveGroup& group) const {
    if (group.is_named) return group.name;
    std::vector<std::string> members;
    for (const int i : indices_of(group.numbers)) members.push_back(objects_[static_cast<std::size_t>(i)].track.name);
    return fmt::format("{}", fmt::join(members, "+"));
  }

  // A group without a name of its own is called after its members, whose names may change.
  void require_different_layers() const {
    std::vector<std::string> layers;
    for (const auto& group : groups_) layers.push_back(layer_name(group));
    for (const auto& object : objects_)
      if (!in_group(object.number)) layers.push_back(object.track.name);
    std::sort(layers.begin(), layers.end());
    const auto same = std::adjacent_find(layers.begin(), layers.end());
    if (same != layers.end())
      fail("two layers would be called '" + *same + "'", "choose another name, or name the group with \"as\"");
  }

  bool in_group(int number) const {
    return std::any_of(groups_.begin(), groups_.end(), [&](const LiveGroup& group) {
      return std::find(group.numbers.begin(), group.numbers.end(), number) != group.numbers.end();
    });
  }

  void require_free_masks() const {
    if (kind_ == MaskKind::kOfBodyMaps)
      fail("the objects come with maps of their bodies, which no mask can change", "correct the maps, or give masks");
  }

  void apply(const RenameObject& verb) {
    if (verb.object == verb.as) return;
    require_free(verb.as);
    if (LiveGroup* renamed = group(verb.object)) {
      renamed->name = verb.as;
      renamed->is_named = true;
    } else {
      object(verb.object).track.name = verb.as;
    }
    tell(verb.object + " is called " + verb.as);
  }

  void apply(const MergeObjects& verb) {
    require_free_masks();
    LiveObject& first = object(verb.objects.front());
    const int number = first.number;
    for (std::size_t k = 1; k < verb.objects.size(); ++k) unite(number, object(verb.objects[k]).number);
    auto& track = by_number(number).track;
    track.notes.push_back("merged from " + comma_list(verb.objects));
    if (!verb.as.empty() && verb.as != track.name) {
      require_free(verb.as);
      track.name = verb.as;
    }
    tell(comma_list(verb.objects) + " are one object, " + track.name);
  }

  LiveObject& by_number(int number) {
    return *std::find_if(objects_.begin(), objects_.end(), [&](const auto& object) { return object.number == number; });
  }

  // What spoke of the other one speaks of the first from now on.
  void unite(int number, int other_number) {
    LiveObject &first = by_number(number), &other = by_number(other_number);
    for (std::size_t t = 0; t < frame_count(); ++t) {
      BoxMask& mask = first.track.frames[t];
      const BoxMask& added = other.track.frames[t];
      if (mask.empty())
        first.origin[t] = other.origin[t];
      else if (!added.empty())
        first.origin[t] = -1;
      mask = united_mask(mask, added);
      first.unknown[t] = united_mask(first.unknown[t], other.unknown[t]);
    }
    first.track.notes.insert(first.track.notes.end(), other.track.notes.begin(), other.track.notes.end());
    forget(other_number, number);
  }

  // Takes an object out; `instead` is what references to it mean from now on, -1 for nothing.
  void forget(int number, int instead) {
    const auto holds = [&](const std::vector<int>& numbers) {
      return std::find(numbers.begin(), numbers.end(), instead) != numbers.end();
    };
    const auto replace = [&](std::vector<int>& numbers, bool is_there) {
      if (instead < 0 || is_there)
        std::erase(numbers, number);
      else
        std::replace(numbers.begin(), numbers.end(), number, instead);
    };
    const bool has_layer = in_group(instead);
    for (auto& group : groups_) replace(group.numbers, has_layer);
    std::erase_if(groups_, [](const LiveGroup& group) { return group.numbers.empty(); });
    for (auto& order : orders_) {
      for (auto& numbers : order.numbers) replace(numbers, holds(numbers));
      auto& entries = order.numbers;
      for (auto entry = entries.begin(); entry != entries.end();) {
        const bool goes = entry->empty() || std::find(entries.begin(), entry, *entry) != entry;
        entry = goes ? entries.erase(entry) : entry + 1;
      }
    }
    std::erase_if(orders_, [](const LiveOrder& order) { return order.numbers.size() < 2; });
    for (auto& joints : joints_)
      if (joints.object == number) joints.object = instead;
    std::erase_if(objects_, [&](const LiveObject& object) { return object.number == number; });
  }

  void apply(const SplitObject& verb) {
    require_free_masks();
    require_free(verb.as);
    LiveObject& first = object(verb.object);
    if (first_frame(first.track) >= verb.at || last_frame(first.track) < verb.at)
      fail(fmt::format("{} has masks in frames {} to {} only", verb.object, first_frame(first.track),
                       last_frame(first.track)),
           "split it at a frame after the first of them");
    LiveObject second = first;
    second.number = next_number_++;
    second.track.name = verb.as;
    const auto at = static_cast<std::ptrdiff_t>(verb.at);
    std::fill(first.track.frames.begin() + at, first.track.frames.end(), BoxMask{});
    std::fill(first.unknown.begin() + at, first.unknown.end(), BoxMask{});
    std::fill(second.track.frames.begin(), second.track.frames.begin() + at, BoxMask{});
    std::fill(second.unknown.begin(), second.unknown.begin() + at, BoxMask{});
    first.track.notes.push_back(fmt::format("split at frame {}: from there on {}", verb.at, verb.as));
    second.track.notes.push_back(fmt::format("split at frame {}: before it {}", verb.at, verb.object));
    for (auto& joints : joints_)
      if (joints.object == first.number && joints.fix.frame >= verb.at) joints.object = second.number;
    for (auto& order : orders_)
      for (auto& numbers : order.numbers)
        if (std::find(numbers.begin(), numbers.end(), first.number) != numbers.end()) numbers.push_back(second.number);
    objects_.insert(objects_.begin() + (&first - objects_.data()) + 1, std::move(second));
    result_.cuts.push_back(verb.at);
    tell(fmt::format("{} is {} from frame {} on", verb.object, verb.as, verb.at));
  }

  void apply(const RemoveObject& verb) {
    require_free_masks();
    LiveObject& removed = object(verb.object);
    if (objects_.size() == 1) fail("it is the only object", "a scene needs one: leave the entry out");
    result_.removed.push_back(std::move(removed.track));
    forget(removed.number, -1);
    tell(verb.object + " is removed");
  }

  void apply(const RepairMask& verb) {
    LiveObject& repaired = object(verb.object);
    const BoxMask area = repaired_area(verb, size_);
    if (area.empty()) fail("it covers no pixel", "mark some, white in a picture");
    if (verb.repair == Repair::kUnknown) {
      for (int t = verb.frames.first; t <= verb.frames.last; ++t) {
        auto& unknown = repaired.unknown[static_cast<std::size_t>(t)];
        unknown = united_mask(unknown, area);
      }
      tell(fmt::format("part of {} is unknown in {}", verb.object, span_text(verb.frames)));
      return;
    }
    require_free_masks();
    const int changed = repair(repaired, verb, area);
    if (first_frame(repaired.track) < 0)
      fail("nothing is left of " + verb.object, "write {\"remove\": \"" + verb.object + "\"} to have it gone");
    repaired.track.notes.push_back("mask corrected in " + span_text(verb.frames));
    tell(fmt::format("mask of {} changed in {} of {} ({})", verb.object, changed,
                     counted(verb.frames.last - verb.frames.first + 1, "frame"), span_text(verb.frames)));
  }

  // Returns the number of frames in which something changes.
  static int repair(LiveObject& object, const RepairMask& verb, const BoxMask& area) {
    int changed = 0;
    for (auto t = static_cast<std::size_t>(verb.frames.first); t <= static_cast<std::size_t>(verb.frames.last); ++t) {
      BoxMask& mask = object.track.frames[t];
      const BoxMask repaired = verb.repair == Repair::kAdd ? united_mask(mask, area) : mask_without(mask, area);
      if (repaired.area() == mask.area()) continue;
      mask = repaired;
      object.origin[t] = -1;
      ++changed;
    }
    return changed;
  }

  void apply(const GroupObjects& verb) {
    LiveGroup made;
    for (const auto& name : verb.objects) {
      made.numbers.push_back(object(name).number);
      for (const auto& other : groups_)
        if (std::find(other.numbers.begin(), other.numbers.end(), made.numbers.back()) != other.numbers.end())
          fail("'" + name + "' is in the group " + other.name + " already", "an object is on one layer");
      made.name += (made.name.empty() ? "" : "+") + name;
    }
    if (!verb.as.empty()) {
      made.name = verb.as;
      made.is_named = true;
    }
    require_free(made.name);
    tell(comma_list(verb.objects) + " share the layer " + made.name);
    groups_.push_back(std::move(made));
  }

  void apply(const OrderObjects& verb) {
    LiveOrder order{{}, {verb.frames.first, std::min(verb.frames.last, frames_ - 1)}};
    for (const auto& name : verb.objects) {
      const LiveGroup* members = group(name);
      order.numbers.push_back(members ? members->numbers : std::vector<int>{object(name).number});
    }
    orders_.push_back(std::move(order));
    tell("from back to front in " + span_text(verb.frames) + ": " + comma_list(verb.objects));
  }

  void apply(const FixJoints& verb) {
    joints_.push_back({object(verb.object).number, verb});
    tell(fmt::format("{} of {} corrected in frame {}", counted(std::ssize(verb.joints), "joint"), verb.object,
                     verb.frame));
  }

  void apply(const LeaveOutFrames& verb) {
    const auto begin = result_.left_out.begin();
    std::fill(begin + verb.frames.first, begin + verb.frames.last + 1, true);
    if (std::count(begin, result_.left_out.end(), false) < 2)
      fail("fewer than two frames are left", "leave out fewer, or take another part of the clip");
    tell(span_text(verb.frames) + " left out");
  }

  // In every frame that is not left out, by one object or several.
  bool is_all_unknown() const {
    for (std::size_t t = 0; t < frame_count(); ++t) {
      if (result_.left_out[t]) continue;
      BoxMask unknown;
      for (const auto& object : objects_) unknown = united_mask(unknown, object.unknown[t]);
      if (unknown.area() < static_cast<int>(size_.area())) return false;
    }
    return !objects_.empty();
  }

  std::vector<int> indices_of(const std::vector<int>& numbers) const {
    std::vector<int> indices;
    for (std::size_t i = 0; i < objects_.size(); ++i)
      if (std::find(numbers.begin(), numbers.end(), objects_[i].number) != numbers.end())
        indices.push_back(static_cast<int>(i));
    return indices;
  }

  void place_by_index() {
    for (const auto& group : groups_) result_.groups.push_back({indices_of(group.numbers), layer_name(group)});
    for (const auto& order : orders_) {
      CorrectedOrder placed{{}, order.frames};
      for (const auto& numbers : order.numbers) placed.objects.push_back(indices_of(numbers));
      result_.orders.push_back(std::move(placed));
    }
    for (const auto& joints : joints_)
      if (joints.object >= 0) result_.joints.push_back({indices_of({joints.object}).front(), joints.fix});
  }

  const Corrections& corrections_;
  Size size_;
  MaskKind kind_;
  int frames_ = 0, next_number_ = 0;
  const Correction* now_ = nullptr;
  std::vector<LiveObject> objects_;
  std::vector<LiveGroup> groups_;
  std::vector<LiveOrder> orders_;
  std::vector<CorrectedJoints> joints_;  // of objects by number
  CorrectedTracks result_;
};

}  // namespace

CorrectedTracks corrected_tracks(const Corrections& corrections, std::vector<MaskTrack> found, Size size,
                                 MaskKind kind) {
  return TrackCorrector(corrections, std::move(found), size, kind).run();
}

}  // namespace retime

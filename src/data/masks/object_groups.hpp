#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/masks/object_source.hpp"

namespace retime {

/// Which objects share a layer: indices of each layer's members. Every object is in one group.
using ObjectGroups = std::vector<std::vector<int>>;

/// Groups from "01+02,03+04" (names joined by +); objects that it does not name stay alone, empty text leaves all
/// alone. Throws UsageError for a name that is not in `names` or occurs twice.
ObjectGroups parse_groups(const std::string& text, const std::vector<std::string>& names);

/// Objects of which several share a layer, named "01+02" unless `names` has another name for it. Masks are united; each
/// member keeps its own texture: its parts come after those of the members before it. Where members overlap, the one in
/// front shows.
class GroupedObjects final : public ObjectSource {
 public:
  /// `size`: of full frames; `rate`: frames per second. Throws Error when the parts of a group's members are more than
  /// 255, what a part index can hold.
  GroupedObjects(std::unique_ptr<ObjectSource> members, ObjectGroups groups, Size size, double rate,
                 const std::vector<std::string>& names = {});

  const std::vector<MaskTrack>& tracks() const override { return tracks_; }
  const std::vector<MaskTrack>& visible() const override { return visible_; }
  /// A group is where its frontmost member is; empty when the members' source does not say.
  std::vector<std::vector<int>> order() const override;
  int parts(int object) const override;
  ObjectMaps maps(int object, int frame) const override;

 private:
  const std::vector<int>& members_of(int object) const { return groups_.at(static_cast<std::size_t>(object)); }

  std::unique_ptr<ObjectSource> members_;
  ObjectGroups groups_;
  bool order_given_;
  std::vector<std::vector<int>> member_order_;  ///< per frame, back to front
  std::vector<MaskTrack> tracks_, visible_;
};

}  // namespace retime

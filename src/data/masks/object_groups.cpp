#include "data/masks/object_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/options.hpp"
#include "data/masks/object_maps.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr int kMostParts = 255;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == separator)
      words.emplace_back();
    else if (c != ' ')
      words.back() += c;
  }
  return words;
}

MaskTrack united(const std::vector<MaskTrack>& tracks, const std::vector<int>& group) {
  MaskTrack result = tracks.at(static_cast<std::size_t>(group.front()));
  for (std::size_t k = 1; k < group.size(); ++k) {
    const MaskTrack& other = tracks.at(static_cast<std::size_t>(group[k]));
    result.name += "+" + other.name;
    result.notes.insert(result.notes.end(), other.notes.begin(), other.notes.end());
    for (std::size_t t = 0; t < result.frames.size(); ++t)
      result.frames[t] = united_mask(result.frames[t], other.frames[t]);
  }
  return result;
}

/// Adds `offset` to the parts of an IUV map.
void shift_parts(Image& iuv, int offset) {
  cv::Mat map = as_mat(iuv);
  if (offset > 0) cv::add(map, cv::Scalar(offset, 0, 0), map, part_mask(map));
}

/// Paints the parts of an IUV map over another one.
void lay_over(const Image& iuv, Image& merged) {
  const cv::Mat map = as_mat(iuv);
  cv::Mat target = as_mat(merged);
  map.copyTo(target, part_mask(map));
}

}  // namespace

ObjectGroups parse_groups(const std::string& text, const std::vector<std::string>& names) {
  ObjectGroups groups;
  std::vector<bool> taken(names.size());
  for (const auto& list : text.empty() ? std::vector<std::string>{} : split(text, ',')) {
    groups.emplace_back();
    for (const auto& name : split(list, '+')) {
      const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      if (at == names.size())
        throw UsageError(fmt::format("group names an object '{}' that is not there{}: the objects are {}", name,
                                     suggestion(name, names), fmt::join(names, ", ")));
      if (taken[at]) throw UsageError("group names '" + name + "' twice (an object is on one layer): name it once");
      taken[at] = true;
      groups.back().push_back(static_cast<int>(at));
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!taken[i]) groups.push_back({static_cast<int>(i)});
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return *std::min_element(a.begin(), a.end()) < *std::min_element(b.begin(), b.end());
  });
  return groups;
}

GroupedObjects::GroupedObjects(std::unique_ptr<ObjectSource> members, ObjectGroups groups, Size size, double rate,
                               const std::vector<std::string>& names)
    : members_(std::move(members)), groups_(std::move(groups)), member_order_(members_->order()) {
  const auto& tracks = members_->tracks();
  order_given_ = !member_order_.empty();
  if (!order_given_) member_order_ = depth_order(tracks, size, rate);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    tracks_.push_back(united(tracks, groups_[i]));
    visible_.push_back(united(members_->visible(), groups_[i]));
    if (!names.empty()) tracks_.back().name = visible_.back().name = names[i];
    if (const int count = parts(static_cast<int>(i)); count > kMostParts)
      throw Error(fmt::format("the group {} needs {} textures (a layer takes {} at most): make it smaller",
                              tracks_.back().name, count, kMostParts));
  }
}

std::vector<std::vector<int>> GroupedObjects::order() const {
  std::vector<std::vector<int>> result;
  if (!order_given_) return result;
  for (const auto& frame : member_order_) {
    std::vector<int> order(groups_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
    const auto front = [&](int group) {
      std::ptrdiff_t rank = 0;
      for (const int member : members_of(group))
        rank = std::max(rank, std::find(frame.begin(), frame.end(), member) - frame.begin());
      return rank;
    };
    std::sort(order.begin(), order.end(), [&](int a, int b) { return front(a) < front(b); });
    result.push_back(std::move(order));
  }
  return result;
}

int GroupedObjects::parts(int object) const {
  int total = 0;
  for (const int member : members_of(object)) total += members_->parts(member);
  return total;
}

ObjectMaps GroupedObjects::maps(int object, int frame) const {
  const auto& group = members_of(object);
  if (group.size() == 1) return members_->maps(group.front(), frame);
  std::vector<ObjectMaps> members;
  int offset = 0;
  for (const int member : group) {
    members.push_back(members_->maps(member, frame));
    for (Image* iuv : {&members.back().iuv, &members.back().iuv_full}) shift_parts(*iuv, offset);
    offset += members_->parts(member);
  }
  ObjectMaps merged = members.front();
  for (Image* iuv : {&merged.iuv, &merged.iuv_full}) std::fill(iuv->pixels.begin(), iuv->pixels.end(), std::uint8_t{0});
  cv::Mat trimap = as_mat(merged.trimap);
  for (const ObjectMaps& maps : members) cv::max(trimap, as_mat(maps.trimap), trimap);
  for (const int object_at_depth : member_order_.at(static_cast<std::size_t>(frame))) {
    const auto member = std::find(group.begin(), group.end(), object_at_depth);
    if (member == group.end()) continue;
    const ObjectMaps& maps = members[static_cast<std::size_t>(member - group.begin())];
    lay_over(maps.iuv, merged.iuv);
    lay_over(maps.iuv_full, merged.iuv_full);
  }
  return merged;
}

}  // namespace retime

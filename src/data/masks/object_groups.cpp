#include "data/masks/object_groups.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/options.hpp"
#include "data/masks/object_maps.hpp"

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
    for (std::size_t t = 0; t < result.frames.size(); ++t)
      result.frames[t] = united_mask(result.frames[t], other.frames[t]);
  }
  return result;
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

GroupedObjects::GroupedObjects(std::unique_ptr<ObjectSource> members, ObjectGroups groups, Size size)
    : members_(std::move(members)), groups_(std::move(groups)), member_order_(members_->order()) {
  const auto& tracks = members_->tracks();
  order_given_ = !member_order_.empty();
  if (!order_given_) member_order_ = depth_order(tracks, size);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    tracks_.push_back(united(tracks, groups_[i]));
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

cv::Mat GroupedObjects::iuv(int object, int frame) const { return merged_iuv(object, frame, &ObjectSource::iuv); }

cv::Mat GroupedObjects::iuv_full(int object, int frame) const {
  return merged_iuv(object, frame, &ObjectSource::iuv_full);
}

cv::Mat GroupedObjects::merged_iuv(int object, int frame, MapOf map_of) const {
  const auto& group = members_of(object);
  std::vector<cv::Mat> maps;
  int offset = 0;
  for (const int member : group) {
    cv::Mat iuv = (members_.get()->*map_of)(member, frame);
    if (offset > 0) cv::add(iuv, cv::Scalar(offset, 0, 0), iuv, part_mask(iuv));
    offset += members_->parts(member);
    maps.push_back(std::move(iuv));
  }
  cv::Mat merged = cv::Mat::zeros(maps.front().size(), CV_8UC3);
  for (const int object_at_depth : member_order_.at(static_cast<std::size_t>(frame))) {
    const auto member = std::find(group.begin(), group.end(), object_at_depth);
    if (member == group.end()) continue;
    const cv::Mat& map = maps[static_cast<std::size_t>(member - group.begin())];
    map.copyTo(merged, part_mask(map));
  }
  return merged;
}

cv::Mat GroupedObjects::trimap(int object, int frame) const {
  cv::Mat result;
  for (const int member : members_of(object)) {
    const cv::Mat trimap = members_->trimap(member, frame);
    result = result.empty() ? trimap : cv::Mat(cv::max(result, trimap));
  }
  return result;
}

}  // namespace retime

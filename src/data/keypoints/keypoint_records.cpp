#include "data/keypoints/keypoint_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/text.hpp"
#include "data/decode/frame_folder.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

bool comes_before(const PeopleOfPicture& a, const PeopleOfPicture& b) {
  return a.number != b.number ? a.number < b.number : natural_less(a.name, b.name);
}

}  // namespace

PeopleOfPicture& RecordCollector::picture(const std::string& name) {
  const auto [entry, is_new] = index_.try_emplace(name, pictures_.size());
  if (is_new) pictures_.push_back({name, file_number(name)});
  return pictures_[entry->second];
}

void RecordCollector::add_person(const std::string& name, FoundPerson person) {
  for (auto& joint : person.joints) joint.confidence = std::min(joint.confidence, 1.F);
  picture(name).people.push_back(std::move(person));
}

void RecordCollector::check_numbers(const std::string& path) const {
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    if (!pictures_[i].number && pictures_.size() > 1)
      throw Error(
          fmt::format("{}: the picture '{}' has no number (its name tells which frame it is): name pictures as "
                      "000012.png",
                      path, pictures_[i].name));
    if (i > 0 && pictures_[i].number == pictures_[i - 1].number)
      throw Error(
          fmt::format("{}: the pictures '{}' and '{}' have the same number (it tells which frame they are): "
                      "give the keypoints of one clip",
                      path, pictures_[i - 1].name, pictures_[i].name));
  }
}

KeypointRecords RecordCollector::finish(const std::string& path) {
  std::stable_sort(pictures_.begin(), pictures_.end(), comes_before);
  check_numbers(path);
  if (std::all_of(pictures_.begin(), pictures_.end(), [](const auto& picture) { return picture.people.empty(); }))
    throw Error(fmt::format("there is nobody in the keypoints {} ({}): check the file", path,
                            counted(std::ssize(pictures_), "picture")));
  return {path, std::move(pictures_), {}, is_positional_};
}

std::string identity_text(const nlohmann::json& value) {
  const auto* first = &value;
  while (first->is_array() && !first->empty()) first = &first->front();
  if (first->is_string()) return first->get<std::string>();
  if (!first->is_number()) return {};
  const double number = first->get<double>();
  if (!(number >= 0 && number < 1e15)) return {};
  return std::floor(number) == number ? std::to_string(first->get<long>()) : fmt::format("{}", number);
}

}  // namespace retime

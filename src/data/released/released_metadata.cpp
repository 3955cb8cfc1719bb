#include "data/released/released_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"

namespace retime {
namespace {

using Json = nlohmann::json;

/// metadata.json, and where in it we are.
class Metadata {
 public:
  Metadata(const std::filesystem::path& file, const ReleasedCounts& counts) : file_(file), counts_(counts) {
    std::ifstream in(file);
    try {
      json_ = Json::parse(in);
    } catch (const Json::exception& error) {
      throw Error(file.string() + " is not valid JSON (" + error.what() + "): correct it");
    }
    if (!json_.is_object()) fail("", "it is no object", "write {\"size_LR\": [W, H], ...}");
  }

  void check_size() const {
    if (!json_.contains("size_LR") || counts_.training_size == Size{}) return;
    const auto size = integers(json_["size_LR"], "size_LR");
    const auto [width, height] = counts_.training_size;
    if (size != std::vector<int>{width, height})
      fail("size_LR", fmt::format("it is {}, the training frames have {}x{}", json_["size_LR"].dump(), width, height),
           "correct it, or export the frames again");
  }

  std::vector<std::vector<int>> order() const {
    auto order = lists("composite_order");
    if (order.empty() || counts_.objects == 0) return {};
    if (order.size() < counts_.frames)
      fail("composite_order", fmt::format("it has {} entries for {} frames", order.size(), counts_.frames),
           "give one per frame");
    for (std::size_t t = 0; t < order.size(); ++t) check_permutation(order[t], t);
    for (auto& frame : order)
      for (int& layer : frame) --layer;
    return order;
  }

  std::vector<std::vector<int>> people_layers() const {
    auto layers = lists("people_layers");
    std::set<int> seen;
    for (const auto& layer : layers)
      for (const int person : layer) {
        if (person < 1 || person > 254)
          fail("people_layers", fmt::format("person {} is out of range", person), "use ids from 1 to 254");
        if (!seen.insert(person).second)
          fail("people_layers", fmt::format("person {} is named twice", person), "put everybody on one layer");
      }
    return layers;
  }

 private:
  [[noreturn]] void fail(const std::string& key, const std::string& problem, const std::string& advice) const {
    throw Error(file_.string() + (key.empty() ? "" : ", " + key) + ": " + problem + ": " + advice);
  }

  std::vector<int> integers(const Json& json, const std::string& key) const {
    const bool good =
        json.is_array() && std::all_of(json.begin(), json.end(), [](const Json& value) {
          return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < 1'000'000;
        });
    if (!good) fail(key, json.dump().substr(0, 60) + " is no list of whole numbers", "correct it");
    return json.get<std::vector<int>>();
  }

  std::vector<std::vector<int>> lists(const std::string& key) const {
    std::vector<std::vector<int>> result;
    if (!json_.contains(key) || json_[key].is_null()) return result;
    if (!json_[key].is_array()) fail(key, "it is no list", "write a list of lists");
    for (const auto& entry : json_[key])
      result.push_back(integers(entry, key + " entry " + std::to_string(result.size())));
    return result;
  }

  void check_permutation(const std::vector<int>& layers, std::size_t frame) const {
    auto sorted = layers;
    std::sort(sorted.begin(), sorted.end());
    bool good = sorted.size() == counts_.objects;
    for (std::size_t i = 0; good && i < sorted.size(); ++i) good = sorted[i] == static_cast<int>(i) + 1;
    if (!good)
      fail("composite_order",
           fmt::format("frame {} has {}, which does not name each of the {} layers once", frame, Json(layers).dump(),
                       counts_.objects),
           "list layers from 1, back to front");
  }

  std::filesystem::path file_;
  ReleasedCounts counts_;
  Json json_;
};

}  // namespace

ReleasedMetadata read_released_metadata(const std::filesystem::path& file, const ReleasedCounts& counts) {
  const Metadata metadata(file, counts);
  metadata.check_size();
  return {metadata.order(), metadata.people_layers()};
}

}  // namespace retime

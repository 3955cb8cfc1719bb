#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json_object.hpp"
#include "post/edit/edit.hpp"

namespace retime {

/// A JSON object of an edit file: see JsonObject. Times are in frames; in the file frames or seconds ("2.5s").
class EditReader : public JsonObject {
 public:
  /// `context` must outlive the reader.
  EditReader(JsonObject object, const EditContext& context) : JsonObject(std::move(object)), context_(&context) {}

  EditReader object(const char* key, const std::vector<std::string>& known) const {
    return {JsonObject::object(key, known), *context_};
  }

  /// Without a default a missing key is an Error.
  double time(const char* key, std::optional<double> otherwise = std::nullopt) const;
  /// A length of at least one frame.
  int frame_count(const char* key) const;
  /// A list of [from, to] pairs of times.
  std::vector<std::pair<double, double>> ranges(const char* key) const;
  /// A layer's name or index, a list of these, or "all" for layers 1 and up. Sorted, each once.
  std::vector<int> layers(const char* key) const;

 private:
  double time_value(const nlohmann::json& value, const char* key) const;
  double frames_of(const nlohmann::json& value, const char* key) const;
  int layer_index(const nlohmann::json& value, const char* key) const;

  const EditContext* context_;
};

}  // namespace retime

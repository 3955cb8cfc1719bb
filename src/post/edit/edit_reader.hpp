#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "post/edit/edit.hpp"

namespace retime {

/// A JSON object of an edit file with its place in the file, so that every error names place, value and what is known.
class EditReader {
 public:
  /// Throws Error if `json` is not an object. All three must outlive the reader.
  EditReader(const nlohmann::json& json, std::string place, const EditContext& context);

  bool has(const char* key) const { return json_->contains(key); }
  /// Throws Error for a key that is not in `known`, with the nearest one.
  void check_keys(const std::vector<std::string>& known) const;

  /// The object under `key`, which may hold the keys `known`.
  EditReader object(const char* key, const std::vector<std::string>& known) const;
  /// The objects of the list under `key`; none if the key is missing.
  std::vector<EditReader> list(const char* key) const;

  /// Without a default a missing key is an Error. Times are in frames; in the file frames or seconds ("2.5s").
  double time(const char* key, std::optional<double> otherwise = std::nullopt) const;
  double number(const char* key, std::optional<double> otherwise = std::nullopt) const;
  int integer(const char* key, int otherwise) const;
  /// A length of at least one frame.
  int frame_count(const char* key) const;
  bool flag(const char* key, bool otherwise) const;
  std::string word(const char* key, const std::vector<std::string>& choices, const std::string& otherwise) const;
  /// A list of [from, to] pairs of times.
  std::vector<std::pair<double, double>> ranges(const char* key) const;
  /// A layer's name or index, a list of these, or "all" for layers 1 and up. Sorted, each once.
  std::vector<int> layers(const char* key) const;

  /// Throws Error "`place`.`key` is `value` (`problem`): `advice`".
  [[noreturn]] void fail(const std::string& key, const std::string& problem, const std::string& advice) const;
  /// Throws Error "`place`: `problem`: `advice`".
  [[noreturn]] void fail_here(const std::string& problem, const std::string& advice) const;

 private:
  const nlohmann::json& required(const char* key) const;
  std::string place_of(const std::string& key) const { return place_.empty() ? key : place_ + "." + key; }
  double time_value(const nlohmann::json& value, const char* key) const;
  double frames_of(const nlohmann::json& value, const char* key) const;
  int layer_index(const nlohmann::json& value, const char* key) const;

  const nlohmann::json* json_;
  std::string place_;
  const EditContext* context_;
};

}  // namespace retime

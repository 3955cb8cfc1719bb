#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "post/edit/edit.hpp"

namespace retime {

/// What an edit is read with; both must outlive its readers.
struct EditReading {
  const EditContext& context;
  const EditLines& lines;
};

/// Where an object stands: "edits[0].freeze" and "/edits/0/freeze"; both empty for the root.
struct EditPlace {
  std::string text, pointer;

  EditPlace of(const std::string& key) const {
    return {text.empty() ? key : text + "." + key, pointer_to(pointer, key)};
  }
  EditPlace of(std::size_t index) const {
    const auto number = std::to_string(index);
    return {text + "[" + number + "]", pointer_to(pointer, number)};
  }
};

/// A JSON object of an edit file with its place in the file, so that every error, an EditMistake, names place, value
/// and what is known.
class EditReader {
 public:
  /// Throws EditMistake if `json`, which must outlive the reader, is not an object.
  EditReader(const nlohmann::json& json, EditPlace place, EditReading reading);

  bool has(const char* key) const { return json_->contains(key); }
  /// Throws EditMistake for a key that is not in `known`, with the nearest one.
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

  /// Throws EditMistake "`place`.`key` is `value` (`problem`): `advice`".
  [[noreturn]] void fail(const std::string& key, const std::string& problem, const std::string& advice) const;
  /// Throws EditMistake "`place` cannot be applied (`problem`): `advice`".
  [[noreturn]] void fail_here(const std::string& problem, const std::string& advice) const;

 private:
  const nlohmann::json& required(const char* key) const;
  std::string name() const { return place_.text.empty() ? "the edit" : place_.text; }
  /// The line of a key that is there, else that of this object; 0 when it is not known.
  int line_of(const std::string& key) const;
  int line() const;
  double time_value(const nlohmann::json& value, const char* key) const;
  double frames_of(const nlohmann::json& value, const char* key) const;
  int layer_index(const nlohmann::json& value, const char* key) const;

  const nlohmann::json* json_;
  EditPlace place_;
  EditReading reading_;
};

}  // namespace retime

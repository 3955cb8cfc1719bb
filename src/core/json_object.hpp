#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace retime {

/// Lines of a JSON text, from 1, by JSON pointer: of the key where there is one, of the list's entry, of the root ("").
using JsonLines = std::map<std::string, int>;

/// A mistake in what a JSON file says, in a line of the file; 0 where that is not known.
class JsonMistake : public Error {
 public:
  JsonMistake(const std::string& message, int line) : Error(message), line_(line) {}
  int line() const noexcept { return line_; }

 private:
  int line_;
};

/// The JSON pointer of what lies under `key` in the object at `pointer`.
std::string pointer_to(const std::string& pointer, const std::string& key);

/// Parses JSON, in which comments may stand, and notes the lines. Throws JsonMistake where an object has a key twice,
/// and what the library throws where it is malformed.
nlohmann::json parse_with_lines(const std::string& text, JsonLines& lines);

/// Reads a file of JSON that people write, and notes the lines; `what` it is called in messages ("edit file"). Throws
/// Error naming the file and the line when it is malformed or gives a key twice.
nlohmann::json read_json(const std::filesystem::path& path, const std::string& what, JsonLines& lines);

/// A mistake as an Error that names the file: "edit file e.json, line 3: ...".
[[noreturn]] void fail_in_file(const std::filesystem::path& path, const std::string& what, const JsonMistake& mistake);

/// Where a value stands: "edits[0].freeze" and "/edits/0/freeze"; both empty for the root.
struct JsonPlace {
  std::string text, pointer;

  JsonPlace of(const std::string& key) const {
    return {text.empty() ? key : text + "." + key, pointer_to(pointer, key)};
  }
  JsonPlace of(std::size_t index) const {
    const auto number = std::to_string(index);
    return {text + "[" + number + "]", pointer_to(pointer, number)};
  }
};

/// An object in a JSON file that people write, with its place, so that every error, a JsonMistake, names place, value
/// and what is known.
class JsonObject {
 public:
  /// `json` and `lines` must outlive the object; `root` is what the outermost object is called in messages ("the
  /// edit"). Throws JsonMistake if `json` is not an object.
  JsonObject(const nlohmann::json& json, const JsonLines& lines, std::string root, JsonPlace place = {});

  bool has(const char* key) const { return json_->contains(key); }
  /// Throws JsonMistake for a key that is not in `known`, with the nearest one.
  void check_keys(const std::vector<std::string>& known) const;

  /// The value under `key`. Throws JsonMistake if there is none.
  const nlohmann::json& required(const char* key) const;
  /// The object under `key`, which may hold the keys `known`.
  JsonObject object(const char* key, const std::vector<std::string>& known) const;
  /// The objects of the list under `key`; none if the key is missing.
  std::vector<JsonObject> list(const char* key) const;

  /// Without a default a missing key is a JsonMistake.
  double number(const char* key, std::optional<double> otherwise = std::nullopt) const;
  int integer(const char* key, std::optional<int> otherwise = std::nullopt) const;
  bool flag(const char* key, bool otherwise) const;
  std::string text(const char* key) const;
  std::string word(const char* key, const std::vector<std::string>& choices, const std::string& otherwise) const;

  /// Throws JsonMistake "`place`.`key` is `value` (`problem`): `advice`".
  [[noreturn]] void fail(const std::string& key, const std::string& problem, const std::string& advice) const;
  /// Throws JsonMistake "`place` cannot be applied (`problem`): `advice`".
  [[noreturn]] void fail_here(const std::string& problem, const std::string& advice) const;

  /// A value as messages show it: at most 60 characters of it.
  static std::string shown(const nlohmann::json& value);

 private:
  std::string name() const { return place_.text.empty() ? root_ : place_.text; }
  /// The line of a key that is there, else that of this object; 0 when it is not known.
  int line_of(const std::string& key) const;
  int line() const;

  const nlohmann::json* json_;
  const JsonLines* lines_;
  std::string root_;
  JsonPlace place_;
};

}  // namespace retime

#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace retime {

/// A value in a JSON file, and where it is. What is wrong with it is told with its place: "a.json, [12].keypoints[3]".
/// Refers to a document that outlives it.
class JsonRecord {
 public:
  using Json = nlohmann::json;
  JsonRecord(const std::filesystem::path& file, const Json& root) : file_(&file), value_(&root) {}

  const Json& value() const { return *value_; }
  const std::filesystem::path& file() const { return *file_; }

  bool has(const char* key) const { return value_->is_object() && value_->contains(key); }
  /// The first of the keys that there is and is not null; throws Error naming the first when there is none.
  JsonRecord at(std::initializer_list<const char*> keys) const;
  JsonRecord at(const std::string& key) const;
  JsonRecord at(std::size_t index) const;
  /// Whether one of the keys is there and not null.
  bool has_any(std::initializer_list<const char*> keys) const;

  /// Entries of a list. Throws Error for anything else.
  std::size_t count() const;
  /// Throws Error unless it is a number of up to a million.
  double number() const;
  /// A text, or a whole number as text. Throws Error for anything else.
  std::string name() const;

  /// Throws Error "FILE, PLACE: problem: advice".
  [[noreturn]] void fail(const std::string& problem, const std::string& advice) const;

 private:
  JsonRecord(const JsonRecord& parent, const Json& value, const std::string& step)
      : file_(parent.file_), value_(&value), where_(parent.where_ + step) {}

  const std::filesystem::path* file_;
  const Json* value_;
  std::string where_;
};

/// Parses a file. Throws Error with line and column where it is no JSON.
nlohmann::json parse_json_file(const std::filesystem::path& file);

}  // namespace retime

#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "data/correct/corrections.hpp"

namespace retime {

/// An entry of a file of corrections: what it says in frames, places and names. Every mistake is a JsonMistake.
class CorrectionReader {
 public:
  /// `folder`: of the file, where its pictures are.
  CorrectionReader(JsonObject json, std::filesystem::path folder)
      : json_(std::move(json)), folder_(std::move(folder)) {}

  bool has(const char* key) const { return json_.has(key); }
  void check_keys(const std::vector<std::string>& known) const { json_.check_keys(known); }
  const nlohmann::json& required(const char* key) const { return json_.required(key); }
  std::string text(const char* key) const { return json_.text(key); }
  int integer(const char* key) const { return json_.integer(key); }

  /// A name for an object: a part of file names too.
  std::string name(const char* key) const;
  /// Two names at least, each once.
  std::vector<std::string> objects(const char* key) const;
  /// [first, last], or one frame.
  FrameSpan frames(const char* key) const;
  /// [x, y], or null for none.
  std::optional<cv::Point2f> place(const char* key) const;
  /// Three places at least.
  std::vector<cv::Point2f> polygon(const char* key) const;
  std::filesystem::path file(const char* key) const { return folder_ / text(key); }

  [[noreturn]] void fail(const std::string& key, const std::string& problem, const std::string& advice) const {
    json_.fail(key, problem, advice);
  }
  [[noreturn]] void fail_here(const std::string& problem, const std::string& advice) const {
    json_.fail_here(problem, advice);
  }

 private:
  std::optional<cv::Point2f> point_of(const nlohmann::json& value) const;

  JsonObject json_;
  std::filesystem::path folder_;
};

}  // namespace retime

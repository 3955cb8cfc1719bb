#include "data/keypoints/json_record.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>

#include "core/error.hpp"

namespace retime {
namespace {

constexpr double kLargest = 1e6;
constexpr const char* kExportAgain = "export it again";

std::string beginning_of(const nlohmann::json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 40);
}

// nlohmann's "[json.exception.parse_error.101] parse error at line 2, column 3: syntax error while ...": from "line"
// on.
std::string parse_problem(const std::string& what) {
  const auto begin = what.find("line ");
  return begin == std::string::npos ? what : what.substr(begin);
}

}  // namespace

JsonRecord JsonRecord::at(std::initializer_list<const char*> keys) const {
  for (const char* key : keys)
    if (has(key) && !(*value_)[key].is_null()) return at(std::string(key));
  fail(fmt::format("it has no \"{}\"", *keys.begin()), kExportAgain);
}

JsonRecord JsonRecord::at(const std::string& key) const { return {*this, value_->at(key), "." + key}; }

JsonRecord JsonRecord::at(std::size_t index) const { return {*this, value_->at(index), fmt::format("[{}]", index)}; }

bool JsonRecord::has_any(std::initializer_list<const char*> keys) const {
  for (const char* key : keys)
    if (has(key) && !(*value_)[key].is_null()) return true;
  return false;
}

std::size_t JsonRecord::count() const {
  if (!value_->is_array()) fail(beginning_of(*value_) + " is no list", kExportAgain);
  return value_->size();
}

double JsonRecord::number() const {
  if (!value_->is_number()) fail(beginning_of(*value_) + " is no number", kExportAgain);
  const double number = value_->get<double>();
  if (!(std::abs(number) <= kLargest))
    fail(beginning_of(*value_) + " is no place in a picture (it is beyond a million)", kExportAgain);
  return number;
}

std::string JsonRecord::name() const {
  if (value_->is_string()) return value_->get<std::string>();
  if (value_->is_number() && std::abs(value_->get<double>()) < 1e15 &&
      std::floor(value_->get<double>()) == value_->get<double>())
    return std::to_string(value_->get<long>());
  fail(beginning_of(*value_) + " is neither a text nor a whole number", kExportAgain);
}

void JsonRecord::fail(const std::string& problem, const std::string& advice) const {
  const auto begin = where_.starts_with('.') ? std::size_t{1} : std::size_t{0};
  throw Error(file_->string() + (where_.empty() ? "" : ", " + where_.substr(begin)) + ": " + problem + ": " + advice);
}

nlohmann::json parse_json_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw Error("cannot read the keypoints " + file.string() + " (no such file, or no permission): check the path");
  try {
    return nlohmann::json::parse(in);
  } catch (const nlohmann::json::exception& error) {
    throw Error(file.string() + " is not valid JSON (" + parse_problem(error.what()) + "): export it again");
  }
}

}  // namespace retime

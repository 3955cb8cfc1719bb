#include "catalog/list_rows.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/csv.hpp"
#include "core/error.hpp"

using nlohmann::ordered_json;

namespace retime::catalog {
namespace {

[[noreturn]] void fail(const std::string& origin, int line, const std::string& text) {
  throw UsageError(fmt::format("{} line {}: {}", origin, line, text));
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> header_keys(const CsvRecord& header, const std::string& origin) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  for (const auto& field : header.fields) {
    keys.push_back(trimmed(field));
    if (keys.back().empty()) fail(origin, header.line, "a column without a name: name it or take it out");
    if (!seen.insert(keys.back()).second)
      fail(origin, header.line, "the column '" + keys.back() + "' is there twice: take one out");
  }
  if (keys.size() == 1 && keys[0].find_first_of(";\t") != std::string::npos)
    fail(origin, header.line, "fields are separated by semicolons or tabs: save the list with commas");
  if (!seen.contains("clip"))
    fail(origin, header.line, "no column 'clip' in the header: the first line names the columns, one of them is clip");
  return keys;
}

std::vector<Row> csv_rows(const std::string& text, const std::string& origin) {
  const auto records = parse_csv(text, origin);
  if (records.empty()) return {};
  const auto keys = header_keys(records[0], origin);
  std::vector<Row> rows;
  for (auto record = records.begin() + 1; record != records.end(); ++record) {
    if (record->fields.size() != keys.size())
      fail(origin, record->line,
           fmt::format(
               "{} fields under {} columns: give each column a field, it may be empty; a field with a comma goes "
               "into quotes",
               record->fields.size(), keys.size()));
    Row row{record->line, records[0].line, {}};
    for (std::size_t i = 0; i < keys.size(); ++i) row.values.emplace_back(keys[i], record->fields[i]);
    rows.push_back(std::move(row));
  }
  return rows;
}

// As on a command line; lists are joined by commas.
std::string value_text(const ordered_json& value, const std::string& key, const std::string& origin, int line) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  if (value.is_object()) fail(origin, line, "'" + key + "' is an object: give a text, a number, true or false");
  std::string text;
  for (const auto& item : value) text += (text.empty() ? "" : ",") + value_text(item, key, origin, line);
  return text;
}

std::vector<Row> json_rows(const std::string& text, const std::string& origin) {
  std::vector<Row> rows;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (trimmed(line).find_first_not_of('\r') == std::string::npos) continue;
    const auto object = ordered_json::parse(line, nullptr, false);
    if (!object.is_object()) fail(origin, number, "no JSON object: write one object a line, {\"clip\": \"a.mp4\"}");
    Row row{number, number, {}};
    for (const auto& [key, value] : object.items())
      row.values.emplace_back(key, value_text(value, key, origin, number));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<Row> read_rows(const std::string& text, const std::string& origin) {
  if (text.find('\0') != std::string::npos)
    throw UsageError(origin + " is not text: save the list as CSV (UTF-8) or JSON lines");
  const std::string body = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  if (body[first] == '[') fail(origin, 1, "a JSON array: write one object a line, without brackets around them");
  return body[first] == '{' ? json_rows(body, origin) : csv_rows(body, origin);
}

}  // namespace retime::catalog

#include "catalog/catalog_list.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/options.hpp"

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace retime::catalog {
namespace {

constexpr std::size_t kLongestName = 200;

std::string at_line(const fs::path& file, int line) {
  return fmt::format("{} line {}: ", file.filename().string(), line);
}

bool names_a_file(const std::string& option) {
  return option == "edit" || option == "masks" || option == "homographies";
}

// What stands beside the folders of the videos.
bool is_reserved(const std::string& name) { return name == "index.html" || name == "catalog.json" || name == "logs"; }

std::string name_fault(const std::string& name) {
  const bool bad_character =
      std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127 || c == '/'; });
  if (name.empty()) return "it is empty";
  if (bad_character) return "it holds a slash or a control character";
  if (name[0] == '.') return "it begins with a dot";
  if (name.size() > kLongestName) return fmt::format("it is longer than {} bytes", kLongestName);
  return is_reserved(name) ? "the catalog has something else of that name" : "";
}

// "clips/room.mp4" -> "room", "frames/" -> "frames".
std::string name_of(const fs::path& clip) {
  const auto path = clip.lexically_normal();
  return path.has_filename() ? path.stem().string() : path.parent_path().filename().string();
}

class EntryMaker {
 public:
  EntryMaker(const fs::path& file, const std::vector<std::string>& known_options)
      : file_(file), known_{"clip", "name"} {
    known_.insert(known_.end(), known_options.begin(), known_options.end());
  }

  Entry make(const Row& row, int index) const {
    Entry entry;
    entry.index = index;
    entry.line = row.line;
    nlohmann::json written = nlohmann::json::object();
    for (const auto& [key, value] : row.values) {
      check_key(row, key);
      if (value.empty()) continue;
      if (key != "name") written[key] = value;
      take(entry, key, value);
    }
    entry.written = written.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (entry.clip.empty()) fail(row.line, "no clip", "name a video or a folder of frames under 'clip'");
    if (entry.name.empty()) entry.name = name_of(entry.clip);
    if (const auto fault = name_fault(entry.name); !fault.empty())
      fail(row.line, "the name '" + entry.name + "' cannot be a folder's (" + fault + ")",
           "give another one under 'name'");
    return entry;
  }

 private:
  void check_key(const Row& row, const std::string& key) const {
    if (std::find(known_.begin(), known_.end(), key) == known_.end())
      fail(row.key_line, "unknown key '" + key + "'" + suggestion(key, known_),
           "use clip, name, or an option of `retime run`");
  }

  void take(Entry& entry, const std::string& key, const std::string& value) const {
    if (key == "name") {
      entry.name = value;
      return;
    }
    if (key == "clip") {
      entry.clip = absolute(value);
      entry.inputs.push_back(entry.clip);
      return;
    }
    // A configuration is a file beside the list or the name of one that comes with the program.
    std::error_code ignored;
    const bool is_file = names_a_file(key) || (key == "config" && fs::is_regular_file(absolute(value), ignored));
    entry.options.emplace_back(key, is_file ? absolute(value).string() : value);
    if (is_file) entry.inputs.push_back(absolute(value));
  }

  fs::path absolute(const std::string& value) const { return (file_.parent_path() / value).lexically_normal(); }

  [[noreturn]] void fail(int line, const std::string& problem, const std::string& advice) const {
    throw UsageError(at_line(file_, line) + problem + ": " + advice);
  }

  const fs::path& file_;
  std::vector<std::string> known_;
};

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const bool is_folder = fs::is_directory(file);
  if (!in || is_folder)
    throw Error("cannot read the list " + file.string() + " (" + (is_folder ? "it is a folder" : std::strerror(errno)) +
                "): name a CSV or JSON-lines file, see docs/catalog.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string modified_text(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  return error ? "gone" : std::to_string(time.time_since_epoch().count());
}

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

const Entry& Catalog::find(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  throw UsageError("no video '" + name + "' in " + file.filename().string() + suggestion(name, names) +
                   ": `retime catalog status` lists them");
}

Catalog read_catalog(const fs::path& file, const std::vector<std::string>& known_options) {
  Catalog catalog{fs::absolute(file).lexically_normal(), {}};
  const std::string text = read_text(file);
  const auto rows = read_rows(text, file.filename().string());
  const EntryMaker maker(catalog.file, known_options);
  std::map<std::string, int> lines;
  for (const auto& row : rows) {
    auto entry = maker.make(row, static_cast<int>(catalog.entries.size()));
    const auto [first, is_new] = lines.emplace(entry.name, entry.line);
    if (!is_new)
      throw UsageError(
          fmt::format("{}the name '{}' is that of line {} already: give each video a name of its own under 'name'",
                      at_line(file, entry.line), entry.name, first->second));
    catalog.entries.push_back(std::move(entry));
  }
  if (catalog.entries.empty())
    throw UsageError("the list " + file.filename().string() + " holds no videos (" +
                     (text.empty() ? "it is empty" : "nothing but a header") + "): add a line for each video");
  return catalog;
}

std::string missing_input(const Catalog& catalog, const Entry& entry) {
  for (const auto& input : entry.inputs) {
    std::error_code error;
    if (fs::exists(input, error)) continue;
    return at_line(catalog.file, entry.line) + "cannot open " + input.string() + " (" +
           (error ? error.message() : "no such file or folder") + "): check the path, it is relative to the list";
  }
  return "";
}

std::string input_stamp(const Entry& entry) {
  std::string stamp;
  std::error_code ignored;
  for (const auto& input : entry.inputs) {
    if (fs::is_regular_file(input, ignored)) stamp += fmt::format("{}@", fs::file_size(input, ignored));
    stamp += modified_text(input) + ";";
    if (!fs::is_directory(input, ignored)) continue;
    std::set<std::string> folders;
    for (const auto& child : fs::directory_iterator(input, ignored))
      if (child.is_directory(ignored))
        folders.insert(child.path().filename().string() + "@" + modified_text(child.path()));
    for (const auto& folder : folders) stamp += folder + ";";
  }
  return stamp;
}

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

#include "core/json_object.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "core/options.hpp"
#include "core/text.hpp"

namespace retime {
namespace {

using Event = nlohmann::json::parse_event_t;

constexpr std::size_t kDeepest = 50;  // places of deeper values would take time beyond measure

/// Where the parser reads. It reads up to the end of what it tells of, and after a number one character more, which is
/// a blank one where the line is over.
class ReadLine {
 public:
  void pass(char c) {
    if (c == '\n')
      ++line_;
    else if (c != ' ' && c != '\t' && c != '\r')
      told_ = line_;
  }
  /// The line of the last character that is not blank.
  int told() const { return told_; }

 private:
  int line_ = 1, told_ = 1;
};

/// The text, for a parser that reads it once.
class WatchedText {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  WatchedText(const char* at, ReadLine& line) : at_(at), line_(&line) {}
  reference operator*() const { return *at_; }
  WatchedText& operator++() {
    line_->pass(*at_++);
    return *this;
  }
  bool operator==(const WatchedText& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  ReadLine* line_;
};

/// Follows the parser through objects and lists.
class LineNotes {
 public:
  LineNotes(const ReadLine& line, JsonLines& lines) : line_(line), lines_(lines) {}

  void note(Event event, const nlohmann::json& parsed) {
    if (open_.size() > kDeepest)
      throw JsonMistake("lists and objects lie in each other (more than " + std::to_string(kDeepest) +
                            " deep): nothing here is written so, correct the brackets",
                        line_.told());
    if (event == Event::object_end || event == Event::array_end) return open_.pop_back();
    if (event == Event::key) return begin_value(parsed.get<std::string>());
    if (open_.empty())
      lines_[""] = line_.told();
    else if (open_.back().is_list)
      lines_[place_in_list()] = line_.told();
    if (event == Event::object_start || event == Event::array_start)
      open_.push_back({open_.empty() ? "" : open_.back().value, "", event == Event::array_start});
  }

 private:
  struct Open {
    std::string pointer, value;  ///< of itself, of the value in it that comes now
    bool is_list;
    int entries = 0;
  };

  void begin_value(const std::string& key) {
    open_.back().value = pointer_to(open_.back().pointer, key);
    if (!lines_.emplace(open_.back().value, line_.told()).second)
      throw JsonMistake("the key '" + key + "' stands twice in one object: remove one, or write two edits",
                        line_.told());
  }
  const std::string& place_in_list() {
    auto& list = open_.back();
    return list.value = pointer_to(list.pointer, std::to_string(list.entries++));
  }

  const ReadLine& line_;
  JsonLines& lines_;
  std::vector<Open> open_;
};

}  // namespace

std::string pointer_to(const std::string& pointer, const std::string& key) {
  return (nlohmann::json::json_pointer(pointer) / key).to_string();
}

nlohmann::json parse_with_lines(const std::string& text, JsonLines& lines) {
  ReadLine line;
  LineNotes notes(line, lines);
  const auto note = [&](int, Event event, const nlohmann::json& parsed) {
    notes.note(event, parsed);
    return true;
  };
  return nlohmann::json::parse(WatchedText(text.data(), line), WatchedText(text.data() + text.size(), line), note, true,
                               /*ignore_comments=*/true);
}

nlohmann::json read_json(const std::filesystem::path& path, const std::string& what, JsonLines& lines) {
  if (std::filesystem::is_directory(path))
    throw Error("cannot read the " + what + " " + path.string() + " (it is a folder): name a file");
  std::ifstream file(path);
  if (!file)
    throw Error("cannot read the " + what + " " + path.string() + " (no such file, or no right to): check the path");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    return parse_with_lines(text, lines);
  } catch (const nlohmann::json::exception& error) {
    const std::string problem = error.what();
    const auto where = problem.find("] ");
    throw Error("the " + what + " " + path.string() + " is not valid JSON (" +
                (where == std::string::npos ? problem : problem.substr(where + 2)) + "): correct it there");
  } catch (const JsonMistake& mistake) {
    fail_in_file(path, what, mistake);
  }
}

void fail_in_file(const std::filesystem::path& path, const std::string& what, const JsonMistake& mistake) {
  const std::string line = mistake.line() > 0 ? ", line " + std::to_string(mistake.line()) : "";
  throw Error(what + " " + path.string() + line + ": " + mistake.what());
}

JsonObject::JsonObject(const nlohmann::json& json, const JsonLines& lines, std::string root, JsonPlace place)
    : json_(&json), lines_(&lines), root_(std::move(root)), place_(std::move(place)) {
  if (!json.is_object())
    throw JsonMistake(name() + " is " + shown(json) + " (not an object): write {...} with keys and values", line());
}

std::string JsonObject::shown(const nlohmann::json& value) {
  constexpr std::size_t kLongest = 60;
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

int JsonObject::line() const {
  const auto found = lines_->find(place_.pointer);
  return found == lines_->end() ? 0 : found->second;
}

int JsonObject::line_of(const std::string& key) const {
  const auto found = lines_->find(place_.of(key).pointer);
  return found == lines_->end() ? line() : found->second;
}

void JsonObject::fail(const std::string& key, const std::string& problem, const std::string& advice) const {
  const std::string value = json_->contains(key) ? shown((*json_)[key]) : "missing";
  throw JsonMistake(place_.of(key).text + " is " + value + " (" + problem + "): " + advice, line_of(key));
}

void JsonObject::fail_here(const std::string& problem, const std::string& advice) const {
  throw JsonMistake(name() + " cannot be applied (" + problem + "): " + advice, line());
}

void JsonObject::check_keys(const std::vector<std::string>& known) const {
  for (const auto& [key, value] : json_->items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw JsonMistake(
          "unknown key '" + key + "' in " + name() + suggestion(key, known) + ": use " + comma_list(known),
          line_of(key));
}

const nlohmann::json& JsonObject::required(const char* key) const {
  if (!has(key)) fail(key, "it is needed here", "add it");
  return (*json_)[key];
}

JsonObject JsonObject::object(const char* key, const std::vector<std::string>& known) const {
  JsonObject inner(required(key), *lines_, root_, place_.of(key));
  inner.check_keys(known);
  return inner;
}

std::vector<JsonObject> JsonObject::list(const char* key) const {
  std::vector<JsonObject> entries;
  if (!has(key)) return entries;
  const nlohmann::json& array = (*json_)[key];
  if (!array.is_array()) fail(key, "not a list", "write [{...}, {...}]");
  for (std::size_t i = 0; i < array.size(); ++i) entries.emplace_back(array[i], *lines_, root_, place_.of(key).of(i));
  return entries;
}

double JsonObject::number(const char* key, std::optional<double> otherwise) const {
  if (!has(key) && otherwise) return *otherwise;
  const nlohmann::json& value = required(key);
  if (!value.is_number()) fail(key, "not a number", "write a number without quotes");
  return value.get<double>();
}

int JsonObject::integer(const char* key, std::optional<int> otherwise) const {
  if (!has(key) && otherwise) return *otherwise;
  const double value = number(key);
  if (value != std::floor(value) || std::abs(value) > 1e9) fail(key, "not a whole number", "write a whole number");
  return static_cast<int>(value);
}

bool JsonObject::flag(const char* key, bool otherwise) const {
  if (!has(key)) return otherwise;
  if (!(*json_)[key].is_boolean()) fail(key, "not true or false", "write true or false without quotes");
  return (*json_)[key].get<bool>();
}

std::string JsonObject::text(const char* key) const {
  const nlohmann::json& value = required(key);
  if (!value.is_string() || value.get_ref<const std::string&>().empty())
    fail(key, "not a text", "write it in quotes, with at least one letter");
  return value.get<std::string>();
}

std::string JsonObject::word(const char* key, const std::vector<std::string>& choices,
                             const std::string& otherwise) const {
  if (!has(key)) return otherwise;
  const nlohmann::json& value = (*json_)[key];
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (std::find(choices.begin(), choices.end(), text) == choices.end())
    fail(key, "not known" + suggestion(text, choices), "use " + comma_list(choices));
  return text;
}

}  // namespace retime

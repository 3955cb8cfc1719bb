#include "post/edit/edit_lines.hpp"

#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

namespace retime {
namespace {

using Event = nlohmann::json::parse_event_t;

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
  LineNotes(const ReadLine& line, EditLines& lines) : line_(line), lines_(lines) {}

  void note(Event event, const nlohmann::json& parsed) {
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
      throw EditMistake("the key '" + key + "' stands twice in one object: remove one, or write two edits",
                        line_.told());
  }
  const std::string& place_in_list() {
    auto& list = open_.back();
    return list.value = pointer_to(list.pointer, std::to_string(list.entries++));
  }

  const ReadLine& line_;
  EditLines& lines_;
  std::vector<Open> open_;
};

}  // namespace

std::string pointer_to(const std::string& pointer, const std::string& key) {
  return (nlohmann::json::json_pointer(pointer) / key).to_string();
}

nlohmann::json parse_with_lines(const std::string& text, EditLines& lines) {
  ReadLine line;
  LineNotes notes(line, lines);
  const auto note = [&](int, Event event, const nlohmann::json& parsed) {
    notes.note(event, parsed);
    return true;
  };
  return nlohmann::json::parse(WatchedText(text.data(), line), WatchedText(text.data() + text.size(), line), note, true,
                               /*ignore_comments=*/true);
}

}  // namespace retime

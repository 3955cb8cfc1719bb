#include "core/options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numeric>
#include <optional>
#include <sstream>

namespace po = boost::program_options;

namespace retime {
namespace {

// What people mix up in names: case, and `_` for `-`.
bool is_like(char a, char b) {
  const auto plain = [](char c) {
    return c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  return plain(a) == plain(b);
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitute = diagonal + (is_like(a[i], b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substitute, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

template <class T>
T parse_number(const std::string& text, const char* kind) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw UsageError(std::string("not ") + kind);
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(value)) throw UsageError("not finite");
  return value;
}

void parse(const std::string& text, int& value) { value = parse_number<int>(text, "a whole number"); }
void parse(const std::string& text, double& value) { value = parse_number<double>(text, "a number"); }
void parse(const std::string& text, std::string& value) { value = text; }

void parse(const std::string& text, bool& value) {
  if (text != "true" && text != "false" && text != "1" && text != "0") throw UsageError("neither true nor false");
  value = text == "true" || text == "1";
}

void parse(const std::string& text, std::vector<double>& values) {
  values.clear();
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');)
    values.push_back(parse_number<double>(word, "a list of numbers"));
}

std::string format(int value) { return std::to_string(value); }
std::string format(bool value) { return value ? "true" : "false"; }
std::string format(const std::string& value) { return value; }

std::string format(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string format(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ",") + format(value);
  return text;
}

std::optional<std::string> nearest(const std::string& word, const std::vector<std::string>& known) {
  const auto found = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return edit_distance(word, a) < edit_distance(word, b);
  });
  if (found == known.end() || edit_distance(word, *found) > std::max<std::size_t>(2, word.size() / 3))
    return std::nullopt;
  return *found;
}

// The key "section.name" that was meant: the same name in another section, else what is spelled most like it.
std::optional<std::string> nearest_key(const std::string& key, const std::vector<std::string>& known) {
  const auto name_of = [](const std::string& of) { return of.substr(of.find('.') + 1); };
  std::vector<std::string> names;
  for (const auto& other : known) {
    if (edit_distance(name_of(other), name_of(key)) == 0) return other;
    names.push_back(name_of(other));
  }
  if (const auto near = nearest(key, known)) return near;
  const auto near_name = nearest(name_of(key), names);
  if (!near_name) return std::nullopt;
  return known[static_cast<std::size_t>(std::find(names.begin(), names.end(), *near_name) - names.begin())];
}

// A line without its comment and the space around it.
std::string content_of(const std::string& line) {
  const std::string content = line.substr(0, line.find('#'));
  const auto first = content.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : content.substr(first, content.find_last_not_of(" \t\r") - first + 1);
}

// Breaks a help text into lines that fit beside the option names.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::istringstream words(text);
  std::string result, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      result += line + "\n" + std::string(indent, ' ');
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return result + line;
}

}  // namespace

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
  const auto near = nearest(word, known);
  return near ? " (did you mean '" + *near + "'?)" : "";
}

void OptionTable::add_option(Option option) {
  option.default_value = option.get();
  options_.push_back(std::move(option));
}

template <class T>
void OptionTable::add(const std::string& section, const std::string& name, T& target, const std::string& help) {
  add_option({section,
              name,
              help,
              {},
              std::is_same_v<T, bool>,
              [&target](const std::string& text) { parse(text, target); },
              [&target] { return format(target); }});
}

template void OptionTable::add(const std::string&, const std::string&, int&, const std::string&);
template void OptionTable::add(const std::string&, const std::string&, double&, const std::string&);
template void OptionTable::add(const std::string&, const std::string&, bool&, const std::string&);
template void OptionTable::add(const std::string&, const std::string&, std::string&, const std::string&);
template void OptionTable::add(const std::string&, const std::string&, std::vector<double>&, const std::string&);

void OptionTable::add_choice(const std::string& section, const std::string& name, std::string& target,
                             const std::vector<std::string>& choices, const std::string& help) {
  const auto set = [&target, choices](std::size_t i) { target = choices[i]; };
  add_words(section, name, choices, help, set, [&target] { return target; });
}

void OptionTable::add_words(const std::string& section, const std::string& name, const std::vector<std::string>& words,
                            const std::string& help, const std::function<void(std::size_t)>& set,
                            const std::function<std::string()>& get) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "" : "|") + word;
  const auto parse_word = [words, list, set](const std::string& text) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) throw UsageError("not one of " + list + suggestion(text, words));
    set(static_cast<std::size_t>(found - words.begin()));
  };
  add_option({section, name, list + ": " + help, {}, false, parse_word, get});
}

void OptionTable::add_short(char letter, const std::string& name) { short_.emplace_back(letter, name); }

void OptionTable::set_value(const Option& option, const std::string& value, const std::string& origin) {
  try {
    option.set(value);
  } catch (const UsageError& error) {
    throw UsageError(origin + ": " + option.name + " = '" + value + "' is " + error.what() + ": see --help");
  }
}

void OptionTable::read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw UsageError("cannot read the configuration " + path.string() + ": check the path");
  std::ostringstream text;
  text << in.rdbuf();
  read_text(text.str(), path.string());
}

void OptionTable::read_text(const std::string& text, const std::string& origin) {
  std::istringstream lines(text);
  std::string line, section;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string content = content_of(line);
    if (content.starts_with('[') && content.ends_with(']'))
      section = content;
    else
      read_line(section + "\n" + line + "\n", origin + " line " + std::to_string(number));
  }
}

void OptionTable::read_line(const std::string& text, const std::string& origin) {
  po::options_description description;
  std::vector<std::string> known;
  for (const auto& option : options_) {
    known.push_back(option.section + "." + option.name);
    description.add_options()(known.back().c_str(), po::value<std::string>());
  }
  try {
    std::istringstream in(text);
    for (const auto& entry : po::parse_config_file(in, description, true).options) {
      const auto found = std::find(known.begin(), known.end(), entry.string_key);
      if (found != known.end())
        set_value(options_[static_cast<std::size_t>(found - known.begin())], entry.value.at(0), origin);
      else
        check_foreign(entry.string_key, known, origin);
    }
  } catch (const po::error& error) {
    throw UsageError(origin + ": " + error.what() + ": write [section] lines and name = value lines");
  }
}

void OptionTable::check_foreign(const std::string& key, const std::vector<std::string>& known,
                                const std::string& origin) const {
  const auto section = key.substr(0, key.find('.'));
  const bool own = std::any_of(options_.begin(), options_.end(), [&](const auto& o) { return o.section == section; });
  if (!own && accepted_.contains(section)) return;
  const auto meant = nearest_key(key, known);
  throw UsageError(origin + ": unknown key '" + key +
                   "': " + (meant ? "did you mean '" + *meant + "'?" : "--dump-config prints those that are known"));
}

std::vector<std::string> OptionTable::with_flag_values(const std::vector<std::string>& arguments) const {
  const auto is_flag = [&](const std::string& argument) {
    return std::any_of(options_.begin(), options_.end(), [&](const auto& option) {
      return option.is_flag && is_shown(option) && argument == "--" + option.name;
    });
  };
  std::vector<std::string> result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    for (const auto& [letter, name] : short_)
      if (argument == std::string{'-', letter} && is_flag("--" + name)) argument = "--" + name;
    if (is_flag(argument)) {
      const bool has_value = i + 1 < arguments.size() && (arguments[i + 1] == "true" || arguments[i + 1] == "false");
      argument += "=" + (has_value ? arguments[++i] : "true");
    }
    result.push_back(std::move(argument));
  }
  return result;
}

std::vector<std::string> OptionTable::read_arguments(const std::vector<std::string>& arguments) {
  po::options_description description;
  std::vector<std::string> known;
  for (const auto& option : options_) {
    if (!is_shown(option)) continue;
    std::string key = option.name;
    for (const auto& [letter, name] : short_)
      if (name == option.name) key += std::string(",") + letter;
    description.add_options()(key.c_str(), po::value<std::string>());
    known.push_back("--" + option.name);
  }
  try {
    using namespace po::command_line_style;
    const auto parsed = po::command_line_parser(with_flag_values(arguments))
                            .options(description)
                            .style(unix_style & ~allow_guessing)
                            .allow_unregistered()
                            .run();
    std::vector<std::string> positional;
    for (const auto& entry : parsed.options) {
      if (entry.unregistered) {
        const std::string& token = entry.original_tokens.at(0);
        const std::string name = token.substr(0, token.find('='));
        throw UsageError("unknown option '" + name + "'" + suggestion(name, known) + ": see --help");
      }
      if (entry.string_key.empty()) {
        positional.insert(positional.end(), entry.value.begin(), entry.value.end());
        continue;
      }
      const auto option = std::find_if(options_.begin(), options_.end(), [&](const auto& candidate) {
        return candidate.name == entry.string_key && is_shown(candidate);
      });
      set_value(*option, entry.value.at(0), "command line");
    }
    return positional;
  } catch (const po::error& error) {
    throw UsageError(std::string("command line: ") + error.what() + ": see --help");
  }
}

std::vector<std::string> OptionTable::names() const {
  std::vector<std::string> names;
  for (const auto& option : options_)
    if (is_shown(option)) names.push_back(option.name);
  return names;
}

std::string OptionTable::help() const {
  constexpr std::size_t kIndent = 32, kWidth = 84;
  std::string text, section;
  for (const auto& option : options_) {
    if (!is_shown(option)) continue;
    if (option.section != section) text += "\n" + (section = option.section) + ":\n";
    std::string left = "  --" + option.name + (option.is_flag ? "" : " VALUE");
    for (const auto& [letter, name] : short_)
      if (name == option.name)
        left = "  -" + std::string(1, letter) + ", --" + option.name + (option.is_flag ? "" : " VALUE");
    left += left.size() + 2 > kIndent ? "\n" + std::string(kIndent, ' ') : std::string(kIndent - left.size(), ' ');
    const std::string shown = option.default_value.empty() ? "" : " [" + option.default_value + "]";
    text += left + wrapped(option.help + shown, kIndent, kWidth) + "\n";
  }
  return text;
}

std::string OptionTable::dump(const std::set<std::string>& sections) const {
  std::string text, section;
  for (const auto& option : options_) {
    if (!sections.empty() && !sections.contains(option.section)) continue;
    if (option.section != section) text += (text.empty() ? "[" : "\n[") + (section = option.section) + "]\n";
    text += option.name + " = " + option.get() + "\n";
  }
  return text;
}

int thread_limit() {
  const char* text = std::getenv("RETIME_THREADS");
  return text ? std::max(0, std::atoi(text)) : 0;
}

}  // namespace retime

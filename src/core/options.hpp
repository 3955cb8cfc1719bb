#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace retime {

/// The values of an enum with the words that files and the command line have for them.
template <class T>
using Choices = std::vector<std::pair<std::string, T>>;

/// The word for a value; throws std::out_of_range for one without.
template <class T>
const std::string& word_of(const Choices<T>& choices, T value) {
  std::size_t i = 0;
  while (choices.at(i).second != value) ++i;
  return choices[i].first;
}

/// The name nearest to `word` by edit distance, for error messages: " (did you mean X?)", or nothing when none is
/// near. Case and `_` for `-` make no distance.
std::string suggestion(const std::string& word, const std::vector<std::string>& known);

/// One table of options that serves the command line, the configuration file (INI), the help text and the dump.
/// Command-line values win over the file's, the file's over the defaults.
class OptionTable {
 public:
  /// Binds `[section] name` of the file and `--name` of the command line to `target` (int, double, bool, string,
  /// vector<double>). The value that `target` has now is the default. `help` names units and choices.
  template <class T>
  void add(const std::string& section, const std::string& name, T& target, const std::string& help);

  /// Like `add`, limited to the given words.
  void add_choice(const std::string& section, const std::string& name, std::string& target,
                  const std::vector<std::string>& choices, const std::string& help);

  /// Binds an option to an enum.
  template <class T>
  requires std::is_enum_v<T>
  void add_choice(const std::string& section, const std::string& name, T& target, const Choices<T>& choices,
                  const std::string& help) {
    std::vector<std::string> words;
    for (const auto& [word, value] : choices) words.push_back(word);
    const auto set = [&target, choices](std::size_t i) { target = choices[i].second; };
    add_words(section, name, words, help, set, [&target, choices] { return word_of(choices, target); });
  }

  /// Sections whose keys a configuration file may set but that this command does not use.
  void accept_section(const std::string& section) { accepted_.insert(section); }
  /// Sections shown in the help and taken from the command line; the others come from the file only.
  void show_section(const std::string& section) { shown_.insert(section); }
  /// A short form for the command line, as in -o for --output.
  void add_short(char letter, const std::string& name);

  /// Reads an INI file. Throws UsageError that names the line, for an unknown section or key with the nearest known.
  void read_file(const std::filesystem::path& path);
  void read_text(const std::string& text, const std::string& origin);
  /// Reads a command line (without the program and command names); returns the positional arguments. A flag (bool)
  /// needs no value; "--name=false" turns it off.
  std::vector<std::string> read_arguments(const std::vector<std::string>& arguments);

  /// Names of the options that the command line takes, in the order of their registration.
  std::vector<std::string> names() const;
  /// "  --name VALUE  help [default]" per shown option, by section.
  std::string help() const;
  /// All values as an INI text that `read_text` takes back.
  std::string dump(const std::set<std::string>& sections = {}) const;

 private:
  struct Option {
    std::string section, name, help, default_value;
    bool is_flag = false;
    std::function<void(const std::string&)> set;
    std::function<std::string()> get;
  };
  void add_option(Option option);
  /// An option whose value is one of `words`; `set` gets the word's index.
  void add_words(const std::string& section, const std::string& name, const std::vector<std::string>& words,
                 const std::string& help, const std::function<void(std::size_t)>& set,
                 const std::function<std::string()>& get);
  /// One line, with that of its section before it.
  void read_line(const std::string& text, const std::string& origin);
  /// Throws UsageError unless `key`, which this table does not know, may stand in a file for other commands.
  void check_foreign(const std::string& key, const std::vector<std::string>& known, const std::string& origin) const;
  /// Flags as "--name=true", or "=false" where that is the next word: the parser would take any word for their value.
  std::vector<std::string> with_flag_values(const std::vector<std::string>& arguments) const;
  void set_value(const Option& option, const std::string& value, const std::string& origin);
  bool is_shown(const Option& option) const { return shown_.empty() || shown_.contains(option.section); }

  std::vector<Option> options_;
  std::set<std::string> accepted_, shown_;
  std::vector<std::pair<char, std::string>> short_;
};

/// For the values of options: throws UsageError, with `problem` and where to look, when it does not hold.
inline void require(bool holds, const std::string& problem) {
  if (!holds) throw UsageError(problem + ": see --help");
}

/// The threads that this process may use at a time, from the environment variable RETIME_THREADS, which a catalog sets
/// for each of its jobs; 0 where nobody set it: all cores.
int thread_limit();

}  // namespace retime

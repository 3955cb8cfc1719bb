#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace retime::catalog {

/// One video of a list.
struct Entry {
  int index = 0;                                             ///< from 0, in the order of the list
  int line = 0;                                              ///< of the list, from 1
  std::string name;                                          ///< unique; names the video's folder
  std::filesystem::path clip;                                ///< absolute
  std::vector<std::pair<std::string, std::string>> options;  ///< of `retime run`, by name; files are absolute
  std::vector<std::filesystem::path> inputs;                 ///< the clip and all files that the options name
  std::string written;                                       ///< what the list says about the work, for comparison
};

/// A list of videos.
struct Catalog {
  std::filesystem::path file;  ///< absolute
  std::vector<Entry> entries;

  /// Throws UsageError that names the nearest known name.
  const Entry& find(const std::string& name) const;
};

/// Reads a list: CSV with a header, or JSON lines (one object a line). `known_options` are those that an entry may set
/// beside `clip` and `name`. Files are relative to the list's folder; whether they are there is not looked at. Throws
/// UsageError with the line of what is wrong, Error when the list cannot be read.
Catalog read_catalog(const std::filesystem::path& file, const std::vector<std::string>& known_options);

/// One sentence with the entry's line when one of its inputs is missing; otherwise empty.
std::string missing_input(const Catalog& catalog, const Entry& entry);

/// Changes when an input of the entry is written anew: sizes and times of its files, times of its folders.
std::string input_stamp(const Entry& entry);

/// What a list says about one video.
struct Row {
  int line = 0;      ///< from 1
  int key_line = 0;  ///< on which its keys stand: that of the header, or `line`
  std::vector<std::pair<std::string, std::string>> values;
};

/// Rows of a list in CSV (first record: keys) or JSON lines, which begin with a brace. A byte-order mark is skipped.
/// Values of JSON become what one would write on a command line. Throws UsageError with the line of what is wrong.
std::vector<Row> read_rows(const std::string& text, const std::string& origin);

}  // namespace retime::catalog

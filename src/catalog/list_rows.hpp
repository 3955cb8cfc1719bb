#pragma once

#include <string>
#include <utility>
#include <vector>

namespace retime::catalog {

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

#pragma once

#include <string>
#include <vector>

namespace retime::catalog {

/// A record of a CSV text.
struct CsvRecord {
  int line = 0;  ///< on which it starts, from 1
  std::vector<std::string> fields;
};

/// The records of a CSV text (RFC 4180: commas, quotes doubled inside quotes, line ends inside quotes). Lines end with
/// LF, CRLF or CR; blank lines are left out. `origin` names the text in errors. Throws UsageError with the line.
std::vector<CsvRecord> parse_csv(const std::string& text, const std::string& origin);

}  // namespace retime::catalog

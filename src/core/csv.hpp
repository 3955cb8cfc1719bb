#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace retime {

/// A record of a CSV text.
struct CsvRecord {
  int line = 0;  ///< on which it starts, from 1
  std::vector<std::string> fields;
};

/// The records of a CSV text in UTF-8 (RFC 4180: commas, quotes doubled inside quotes, line ends inside quotes). A byte
/// order mark is skipped, lines end with LF, CRLF or CR, blank ones are left out. `origin` names the text in errors.
/// Throws UsageError with the line.
std::vector<CsvRecord> parse_csv(const std::string& text, const std::string& origin);

/// A table of texts with named columns; every row is as long as `header`.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

/// Cells with commas, quotes or line ends are quoted.
std::string to_csv(const CsvTable& table);

/// Reads what `to_csv` writes. Throws Error that names `origin` and the line for a row of another length, a damaged
/// record, or a text without header.
CsvTable parse_csv_table(const std::string& text, const std::string& origin);

/// Throws Error when the file cannot be read, too.
CsvTable read_csv_table(const std::filesystem::path& path);

}  // namespace retime

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace retime {

/// A table of texts with named columns; every row is as long as `header`.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

/// RFC 4180: cells with commas, quotes or line ends are quoted.
std::string to_csv(const CsvTable& table);

/// Reads what `to_csv` writes. Throws Error that names `origin` and the line for a row of another length, a quote that
/// is not closed, or a text without header.
CsvTable parse_csv(const std::string& text, const std::string& origin);

/// Throws Error when the file cannot be read.
CsvTable read_csv(const std::filesystem::path& path);

}  // namespace retime

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/csv.hpp"
#include "core/error.hpp"

// Tables of structs: `visit_columns(row, visit)` calls visit(name, member) for every member that is a column.

namespace retime {

std::string cell_text(const std::string& value);
std::string cell_text(int value);
std::string cell_text(std::int64_t value);
std::string cell_text(double value);

/// False when `text` is no such value.
bool from_cell(const std::string& text, std::string& value);
bool from_cell(const std::string& text, int& value);
bool from_cell(const std::string& text, std::int64_t& value);
bool from_cell(const std::string& text, double& value);

template <class Row>
CsvTable rows_to_csv(const std::vector<Row>& rows) {
  CsvTable table;
  const Row none;
  visit_columns(none, [&](const std::string& name, const auto&) { table.header.push_back(name); });
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    visit_columns(row, [&](const std::string&, const auto& value) { cells.push_back(cell_text(value)); });
    table.rows.push_back(std::move(cells));
  }
  return table;
}

/// Columns are found by their names, in any order. Throws Error that names `origin` for a column that is missing or a
/// value of another type.
template <class Row>
std::vector<Row> rows_from_csv(const CsvTable& table, const std::string& origin) {
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < table.header.size(); ++i) columns[table.header[i]] = i;
  std::vector<Row> rows;
  for (const auto& cells : table.rows) {
    Row row;
    visit_columns(row, [&](const std::string& name, auto& value) {
      const auto column = columns.find(name);
      if (column == columns.end())
        throw Error(origin + " has no column '" + name + "' (another version wrote it?): remove it and measure again");
      if (!from_cell(cells[column->second], value))
        throw Error(origin + " has '" + cells[column->second] + "' as " + name +
                    " (damaged?): remove it and measure again");
    });
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The .csv files of a folder, sorted; none when there is no such folder.
std::vector<std::filesystem::path> csv_files(const std::filesystem::path& folder);

/// Writes a table into a new file of `folder`, whose name begins with `stem` and that no other process writes to.
void add_csv_file(const std::filesystem::path& folder, const std::string& stem, const CsvTable& table);

/// A small table for people. The first column is aligned left, the others right.
struct TextTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  /// Columns padded with spaces, for a terminal.
  std::string plain() const;
  std::string markdown() const;
};

/// `value` with so many decimals.
std::string fixed(double value, int decimals);

}  // namespace retime

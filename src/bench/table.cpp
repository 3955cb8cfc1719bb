#include "bench/table.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "core/files.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

template <class Number>
std::string number_text(Number value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <class Number>
bool read_number(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

/// Columns, not bytes: bytes that go on with a UTF-8 character take no place.
std::string plain_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string space(widths[i] - printed_width(cells[i]), ' ');
    line += (i > 0 ? "  " : "") + (i == 0 ? cells[i] + space : space + cells[i]);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line + "\n";
}

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const auto& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

}  // namespace

std::string cell_text(const std::string& value) { return value; }
std::string cell_text(int value) { return number_text(value); }
std::string cell_text(std::int64_t value) { return number_text(value); }
std::string cell_text(double value) { return number_text(value); }

bool from_cell(const std::string& text, std::string& value) {
  value = text;
  return true;
}
bool from_cell(const std::string& text, int& value) { return read_number(text, value); }
bool from_cell(const std::string& text, std::int64_t& value) { return read_number(text, value); }
bool from_cell(const std::string& text, double& value) { return read_number(text, value); }

std::vector<fs::path> csv_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".csv" && entry.path().filename().string().front() != '.')
        files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void add_csv_file(const fs::path& folder, const std::string& stem, const CsvTable& table) {
  make_folder(folder);
  const std::string base = fmt::format("{}_{}_{}", stem, host_name(), ::getpid());
  fs::path file = folder / (base + ".csv");
  for (int i = 2; fs::exists(file); ++i) file = folder / fmt::format("{}_{}.csv", base, i);
  write_text_file(file, to_csv(table));
}

std::string TextTable::plain() const {
  std::vector<std::size_t> widths;
  for (const auto& cell : header) widths.push_back(printed_width(cell));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], printed_width(row[i]));
  std::string text = plain_line(header, widths);
  for (const auto& row : rows) text += plain_line(row, widths);
  return text;
}

std::string TextTable::markdown() const {
  std::string text = markdown_line(header) + "|";
  for (std::size_t i = 0; i < header.size(); ++i) text += i == 0 ? "---|" : "---:|";
  text += "\n";
  for (const auto& row : rows) text += markdown_line(row);
  return text;
}

std::string fixed(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

}  // namespace retime

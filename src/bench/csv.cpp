#include "bench/csv.hpp"

#include <fstream>
#include <sstream>

#include "core/error.hpp"

namespace retime {
namespace {

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i > 0 ? "," : "") + quoted(cells[i]);
  return line + "\n";
}

/// Walks over a text, cell by cell.
class CsvParser {
 public:
  CsvParser(const std::string& text, const std::string& origin) : text_(text), origin_(origin) {}

  bool at_end() const { return place_ >= text_.size(); }
  int line() const { return line_; }

  std::vector<std::string> row() {
    std::vector<std::string> cells;
    do {
      cells.push_back(text_[place_] == '"' ? quoted_cell() : plain_cell());
    } while (take(','));
    take('\r');
    if (!at_end() && !take('\n')) fail("text behind a closing quote");
    ++line_;
    return cells;
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(origin_ + " is not a table (line " + std::to_string(line_) + ": " + why +
                "): remove the file, or restore it");
  }

 private:
  bool take(char c) {
    if (at_end() || text_[place_] != c) return false;
    ++place_;
    return true;
  }

  std::string plain_cell() {
    const auto end = std::min(text_.find_first_of(",\r\n", place_), text_.size());
    std::string cell = text_.substr(place_, end - place_);
    place_ = end;
    return cell;
  }

  std::string quoted_cell() {
    std::string cell;
    for (++place_;;) {
      const auto quote = text_.find('"', place_);
      if (quote == std::string::npos) fail("a quote is not closed");
      cell += text_.substr(place_, quote - place_);
      place_ = quote + 1;
      if (!take('"')) return cell;
      cell += '"';
    }
  }

  const std::string& text_;
  const std::string& origin_;
  std::size_t place_ = 0;
  int line_ = 1;
};

}  // namespace

std::string to_csv(const CsvTable& table) {
  std::string text = csv_line(table.header);
  for (const auto& row : table.rows) text += csv_line(row);
  return text;
}

CsvTable parse_csv(const std::string& text, const std::string& origin) {
  CsvParser parser(text, origin);
  if (parser.at_end()) parser.fail("it is empty");
  CsvTable table;
  table.header = parser.row();
  while (!parser.at_end()) {
    const int line = parser.line();
    table.rows.push_back(parser.row());
    if (table.rows.back().size() != table.header.size())
      throw Error(origin + " is not a table (line " + std::to_string(line) + " has " +
                  std::to_string(table.rows.back().size()) + " cells, the header " +
                  std::to_string(table.header.size()) + "): remove the file, or restore it");
  }
  return table;
}

CsvTable read_csv(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Error("cannot read " + path.string() + ": check that it is a file and its rights");
  return parse_csv(text.str(), path.string());
}

}  // namespace retime

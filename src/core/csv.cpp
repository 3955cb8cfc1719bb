#include "core/csv.hpp"

#include <spdlog/fmt/fmt.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "core/error.hpp"

// By hand: the small format needs no library of its own, and errors name the line.
namespace retime {
namespace {

struct Fault {
  int line;
  std::string problem, advice;
};

class CsvParser {
 public:
  explicit CsvParser(const std::string& text) : text_(text), at_(text.starts_with("\xEF\xBB\xBF") ? 3 : 0) {}

  std::vector<CsvRecord> records() {
    std::vector<CsvRecord> records;
    while (!at_end()) {
      if (take_line_end()) continue;
      CsvRecord record{line_, {}};
      do record.fields.push_back(take('"') ? quoted() : plain());
      while (take(','));
      take_line_end();
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  bool at_line_end() const { return at_end() || text_[at_] == '\n' || text_[at_] == '\r'; }

  bool take(char wanted) {
    if (at_end() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  // CRLF counts once.
  bool take_line_end() {
    const bool carriage_return = take('\r');
    const bool taken = take('\n') || carriage_return;
    line_ += taken ? 1 : 0;
    return taken;
  }

  std::string plain() {
    std::string value;
    for (; !at_line_end() && text_[at_] != ','; ++at_) {
      if (text_[at_] == '"')
        throw Fault{line_, "a quote in the middle of a field", "quote the whole field and double the quote"};
      value += text_[at_];
    }
    return value;
  }

  std::string quoted() {
    const int first_line = line_;
    std::string value;
    for (;; ++at_) {
      if (at_end()) throw Fault{first_line, "a quote is never closed", "close it"};
      if (take('"') && (at_end() || text_[at_] != '"')) break;
      if (text_[at_] == '\n') ++line_;
      value += text_[at_];
    }
    if (!at_line_end() && text_[at_] != ',')
      throw Fault{line_, "text behind a closing quote", "put a comma between fields"};
    return value;
  }

  const std::string& text_;
  std::size_t at_;
  int line_ = 1;
};

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
  if (cells.size() == 1 && cells[0].empty()) return "\"\"\n";  // or the line would be blank
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i > 0 ? "," : "") + quoted(cells[i]);
  return line + "\n";
}

}  // namespace

std::vector<CsvRecord> parse_csv(const std::string& text, const std::string& origin) {
  try {
    return CsvParser(text).records();
  } catch (const Fault& fault) {
    throw UsageError(fmt::format("{} line {}: {}: {}", origin, fault.line, fault.problem, fault.advice));
  }
}

std::string to_csv(const CsvTable& table) {
  std::string text = csv_line(table.header);
  for (const auto& row : table.rows) text += csv_line(row);
  return text;
}

CsvTable parse_csv_table(const std::string& text, const std::string& origin) {
  constexpr const char* kAdvice = "remove the file, or restore it";
  CsvTable table;
  try {
    const auto records = CsvParser(text).records();
    if (records.empty()) throw Fault{1, "it is empty", kAdvice};
    table.header = records[0].fields;
    for (auto record = records.begin() + 1; record != records.end(); ++record) {
      table.rows.push_back(record->fields);
      if (record->fields.size() != table.header.size())
        throw Error(fmt::format("{} is not a table (line {} has {} cells, the header {}): {}", origin, record->line,
                                record->fields.size(), table.header.size(), kAdvice));
    }
  } catch (const Fault& fault) {
    throw Error(fmt::format("{} is not a table (line {}: {}): {}", origin, fault.line, fault.problem, kAdvice));
  }
  return table;
}

CsvTable read_csv_table(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw Error("cannot read " + path.string() + ": check that it is a file and its rights");
  return parse_csv_table(text.str(), path.string());
}

}  // namespace retime

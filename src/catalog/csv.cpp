#include "catalog/csv.hpp"

#include "core/error.hpp"

namespace retime::catalog {
namespace {

class CsvParser {
 public:
  CsvParser(const std::string& text, const std::string& origin) : text_(text), origin_(origin) {}

  std::vector<CsvRecord> records() {
    std::vector<CsvRecord> records;
    while (!at_end()) {
      CsvRecord record{line_, {}};
      do record.fields.push_back(field());
      while (take(','));
      take_line_end();
      if (record.fields.size() > 1 || !record.fields[0].empty()) records.push_back(std::move(record));
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
  void take_line_end() {
    const bool carriage_return = take('\r');
    if (take('\n') || carriage_return) ++line_;
  }

  std::string field() { return take('"') ? quoted() : plain(); }

  std::string plain() {
    std::string value;
    for (; !at_line_end() && text_[at_] != ','; ++at_) {
      if (text_[at_] == '"')
        fail(line_, "a quote in the middle of a field", "quote the whole field and double the quote");
      value += text_[at_];
    }
    return value;
  }

  std::string quoted() {
    const int first_line = line_;
    std::string value;
    for (;; ++at_) {
      if (at_end()) fail(first_line, "a quote is never closed", "close it");
      if (take('"') && (at_end() || text_[at_] != '"')) break;
      if (text_[at_] == '\n') ++line_;
      value += text_[at_];
    }
    if (!at_line_end() && text_[at_] != ',') fail(line_, "text behind a closing quote", "put a comma between fields");
    return value;
  }

  [[noreturn]] void fail(int line, const std::string& problem, const std::string& advice) const {
    throw UsageError(origin_ + " line " + std::to_string(line) + ": " + problem + ": " + advice);
  }

  const std::string& text_;
  const std::string& origin_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CsvRecord> parse_csv(const std::string& text, const std::string& origin) {
  return CsvParser(text, origin).records();
}

}  // namespace retime::catalog

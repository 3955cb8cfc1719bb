#include "bench/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"

namespace retime {
namespace {

using ::testing::HasSubstr;

std::string failure_of(const std::string& text) {
  try {
    parse_csv(text, "runs/a.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Csv, GivesBackWhatItTook) {
  const CsvTable table{{"name", "text"}, {{"a", "Processor, 2 \"cores\""}, {"", "two\nlines"}, {"b", ""}}};
  const auto again = parse_csv(to_csv(table), "memory");
  EXPECT_EQ(again.header, table.header);
  EXPECT_EQ(again.rows, table.rows);
}

TEST(Csv, ReadsLineEndsOfOtherSystemsAndALastLineWithoutOne) {
  const auto table = parse_csv("a,b\r\n1,2\r\n3,4", "memory");
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "2"}, {"3", "4"}}));
}

TEST(Csv, NamesFileAndLineOfADamagedTable) {
  EXPECT_THAT(failure_of(""), HasSubstr("runs/a.csv is not a table (line 1: it is empty"));
  EXPECT_THAT(failure_of("a,b\n1,2\n3\n"), HasSubstr("line 3 has 1 cells, the header 2"));
  EXPECT_THAT(failure_of("a\n\"1\n"), HasSubstr("line 2: a quote is not closed"));
  EXPECT_THAT(failure_of("a\n\"1\"x\n"), HasSubstr("line 2: text behind a closing quote"));
}

TEST(Csv, UnreadableFileIsAnError) { EXPECT_THROW(read_csv("/nonexistent/file.csv"), Error); }

}  // namespace
}  // namespace retime

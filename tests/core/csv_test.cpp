#include "core/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string csv_error(const std::string& text) {
  try {
    parse_csv_table(text, "runs/a.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Csv, GivesBackWhatItTook) {
  const CsvTable table{{"name", "text"}, {{"a", "Processor, 2 \"cores\""}, {"", "two\nlines"}, {"b", ""}}};
  const auto again = parse_csv_table(to_csv(table), "memory");
  EXPECT_EQ(again.header, table.header);
  EXPECT_EQ(again.rows, table.rows);
}

TEST(Csv, ReadsLineEndsOfOtherSystemsAndALastLineWithoutOne) {
  const auto table = parse_csv_table("a,b\r\n1,2\r\n3,4", "memory");
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "2"}, {"3", "4"}}));
}

TEST(Csv, NamesFileAndLineOfADamagedTable) {
  EXPECT_THAT(csv_error(""), HasSubstr("runs/a.csv is not a table (line 1: it is empty"));
  EXPECT_THAT(csv_error("a,b\n1,2\n3\n"), HasSubstr("line 3 has 1 cells, the header 2"));
  EXPECT_THAT(csv_error("a\n\"1\n"), HasSubstr("line 2: a quote is never closed"));
  EXPECT_THAT(csv_error("a\n\"1\"x\n"), HasSubstr("line 2: text behind a closing quote"));
}

TEST(Csv, UnreadableFileIsAnError) { EXPECT_THROW(read_csv_table("/nonexistent/file.csv"), Error); }

TEST(Csv, FieldsMayHoldCommasQuotesAndLineEnds) {
  const auto records = parse_csv("a,\"b,c\",\"say \"\"hi\"\"\"\r\n\r\n\"two\nlines\",,x\rlast,\"\",", "t");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b,c", "say \"hi\""));
  EXPECT_EQ(records[1].line, 3) << "blank lines count";
  EXPECT_THAT(records[1].fields, ElementsAre("two\nlines", "", "x"));
  EXPECT_EQ(records[2].line, 5) << "so do line ends inside quotes";
  EXPECT_THAT(records[2].fields, ElementsAre("last", "", ""));
}

TEST(Csv, MistakesNameTheirLine) {
  const auto fault_of = [](const std::string& text) {
    return test::message_of<UsageError>([&] { parse_csv(text, "t"); });
  };
  EXPECT_THAT(fault_of("a\nb,\"open\n\n"), HasSubstr("t line 2: a quote is never closed"));
  EXPECT_THAT(fault_of("a\n\"b\"c"), HasSubstr("t line 2: text behind a closing quote"));
  EXPECT_THAT(fault_of("5\" pipe"), HasSubstr("t line 1: a quote in the middle"));
}

TEST(Csv, AByteOrderMarkIsNoText) {
  EXPECT_THAT(parse_csv("\xEF\xBB\xBF\"a\",b\n", "t")[0].fields, ElementsAre("a", "b"));
}

TEST(Csv, AnEmptyCellThatStandsAloneIsNoBlankLine) {
  const CsvTable table{{"text"}, {{""}, {"x"}}};
  EXPECT_EQ(parse_csv_table(to_csv(table), "memory").rows, table.rows);
}

}  // namespace
}  // namespace retime

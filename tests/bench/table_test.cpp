#include "bench/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TemporaryFolder;
using ::testing::HasSubstr;

struct Timing {
  std::string name;
  int ranks = 0;
  std::int64_t bytes = 0;
  double seconds = 0;
};

template <class Row, class Visit>
requires std::is_same_v<std::remove_const_t<Row>, Timing>
void visit_columns(Row& timing, Visit visit) {
  visit("name", timing.name);
  visit("ranks", timing.ranks);
  visit("bytes", timing.bytes);
  visit("seconds", timing.seconds);
}

TEST(Columns, NumbersComeBackToTheLastBit) {
  const Timing timing{"a, \"b\"", -3, std::numeric_limits<std::int64_t>::max(), 0.1 + 0.2};
  const auto table = parse_csv_table(to_csv(rows_to_csv(std::vector{timing})), "memory");
  EXPECT_EQ(table.header, (std::vector<std::string>{"name", "ranks", "bytes", "seconds"}));
  const auto again = rows_from_csv<Timing>(table, "memory");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].name, timing.name);
  EXPECT_EQ(again[0].ranks, timing.ranks);
  EXPECT_EQ(again[0].bytes, timing.bytes);
  EXPECT_EQ(again[0].seconds, timing.seconds);
}

TEST(Columns, AreFoundByNameInAnyOrder) {
  const CsvTable table{{"seconds", "more", "bytes", "name", "ranks"}, {{"1.5", "?", "7", "x", "2"}}};
  const auto runs = rows_from_csv<Timing>(table, "memory");
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].name, "x");
  EXPECT_EQ(runs[0].ranks, 2);
  EXPECT_EQ(runs[0].bytes, 7);
  EXPECT_EQ(runs[0].seconds, 1.5);
}

TEST(Columns, WhatIsMissingOrNoNumberIsNamed) {
  const auto failure = [](const CsvTable& table) {
    return message_of<Error>([&] { rows_from_csv<Timing>(table, "runs/a.csv"); });
  };
  EXPECT_THAT(failure({{"name", "ranks", "bytes"}, {{"x", "2", "7"}}}),
              HasSubstr("runs/a.csv has no column 'seconds'"));
  for (const std::string text : {"", "2x", "2.5", " 2", "99999999999"})
    EXPECT_THAT(failure({{"name", "ranks", "bytes", "seconds"}, {{"x", text, "7", "1"}}}),
                HasSubstr("runs/a.csv has '" + text + "' as ranks"));
}

TEST(Columns, FilesOfAFolderNeverReplaceEachOther) {
  const TemporaryFolder folder;
  const CsvTable table{{"name"}, {{"x"}}};
  EXPECT_TRUE(csv_files(folder / "runs").empty());
  add_csv_file(folder / "runs", "strong", table);
  add_csv_file(folder / "runs", "strong", table);
  std::ofstream(folder / "runs/.hidden.csv") << "name\n";
  std::ofstream(folder / "runs/notes.txt") << "name\n";
  const auto files = csv_files(folder / "runs");
  ASSERT_EQ(files.size(), 2U);
  for (const auto& file : files) {
    EXPECT_TRUE(file.filename().string().starts_with("strong_"));
    EXPECT_EQ(read_csv_table(file).rows, table.rows);
  }
}

const TextTable kTable{{"ranks", "steps/s", "µs"}, {{"1", "12.50", "3"}, {"16, on 2 nodes", "7.1", "1000"}}};

TEST(TextTable, PlainColumnsLineUpByCharactersNotBytes) {
  EXPECT_EQ(kTable.plain(),
            "ranks           steps/s    µs\n"
            "1                 12.50     3\n"
            "16, on 2 nodes      7.1  1000\n");
}

TEST(TextTable, MarkdownAlignsNumbersRight) {
  EXPECT_EQ(kTable.markdown(),
            "| ranks | steps/s | µs |\n"
            "|---|---:|---:|\n"
            "| 1 | 12.50 | 3 |\n"
            "| 16, on 2 nodes | 7.1 | 1000 |\n");
}

TEST(TextTable, NoLineEndsInSpaces) {
  EXPECT_EQ((TextTable{{"name", ""}, {{"longer name", ""}}}).plain(), "name\nlonger name\n");
}

TEST(TextTable, FixedRoundsToSoManyDecimals) {
  EXPECT_EQ(fixed(2.0 / 3, 2), "0.67");
  EXPECT_EQ(fixed(-1.5, 0), "-2");
  EXPECT_EQ(fixed(1e6, 1), "1000000.0");
}

}  // namespace
}  // namespace retime

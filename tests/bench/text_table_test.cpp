#include "bench/text_table.hpp"

#include <gtest/gtest.h>

namespace retime {
namespace {

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

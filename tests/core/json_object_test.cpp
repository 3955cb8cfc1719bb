#include "core/json_object.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace retime {
namespace {

TEST(JsonLines, AreThoseOfKeysAndEntries) {
  const std::string text =
      "// the root begins below\n"
      "{\n"
      "  \"a\": 1\n"
      "  , \"b\": /* not\n"
      "  here */ [\n"
      "    5\n"
      "    ,\n"
      "    {\"c/d\": \"{[\\n\", \"e~\": [[], 7]}, true],\r\n"
      "  \"\": {\n"
      "    \"a\":\n"
      "      {\"a\": null}}\n"
      "}\n";
  JsonLines lines;
  EXPECT_EQ(parse_with_lines(text, lines), nlohmann::json::parse(text, nullptr, true, true));
  EXPECT_EQ(lines, (JsonLines{{"", 2},
                              {"/a", 3},
                              {"/b", 4},
                              {"/b/0", 6},
                              {"/b/1", 8},
                              {"/b/1/c~1d", 8},
                              {"/b/1/e~0", 8},
                              {"/b/1/e~0/0", 8},
                              {"/b/1/e~0/1", 8},
                              {"/b/2", 8},
                              {"/", 9},
                              {"//a", 10},
                              {"//a/a", 11}}));
}

TEST(JsonLines, TellWhereAKeyStandsAgain) {
  try {
    JsonLines lines;
    parse_with_lines("{\"a\": {\"b\": 1},\n \"b\": 2,\n \"a\": 3}", lines);
    FAIL() << "nothing was thrown";
  } catch (const JsonMistake& mistake) {
    EXPECT_NE(std::string(mistake.what()).find("'a' stands twice"), std::string::npos) << mistake.what();
    EXPECT_EQ(mistake.line(), 3);
  }
}

TEST(JsonLines, BracketsWithoutEndAreRefused) {
  JsonLines lines;
  EXPECT_THROW(parse_with_lines(std::string(100000, '['), lines), JsonMistake);
}

TEST(JsonLines, PointersAreThoseOfTheLibrary) {
  const nlohmann::json::json_pointer pointer = nlohmann::json::json_pointer() / "a/b" / "~" / "" / 3;
  EXPECT_EQ(pointer_to(pointer_to(pointer_to(pointer_to("", "a/b"), "~"), ""), "3"), pointer.to_string());
}

}  // namespace
}  // namespace retime

// Help, configurations and documents agree with the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "e2e/program.hpp"

namespace retime {
namespace {

using ::testing::HasSubstr;

constexpr const char* kCommands[] = {"run", "prepare", "train", "render", "compose", "export", "info", "bench"};

TEST(Help, EveryCommandHasIt) {
  const auto overview = run_retime("--help");
  EXPECT_EQ(overview.exit_code, 0);
  for (const std::string command : kCommands) {
    EXPECT_THAT(overview.output, HasSubstr("  " + command + " "));
    const auto help = run_retime(command + " --help");
    EXPECT_EQ(help.exit_code, 0) << help.output;
    EXPECT_THAT(help.output, HasSubstr("retime " + command));
  }
}

TEST(Configurations, AllLoad) {
  for (const std::string name : {"default", "preview", "released", "patent", "highres"}) {
    const auto result = run_retime("run clip.mp4 -o out --dump-config -c " + name);
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.output;
  }
}

TEST(Configurations, DefaultIsWhatTheProgramDoesWithoutOne) {
  const auto without = run_retime("train s.h5 -o x --dump-config"),
             with = run_retime("train s.h5 -o x --dump-config -c default");
  EXPECT_EQ(without.exit_code, 0);
  EXPECT_EQ(without.output, with.output);
  // Every key of the dump stands in the file, so that a reader sees them all.
  std::ifstream in(RETIME_SOURCE_DIR "/configs/default.cfg");
  std::ostringstream file;
  file << in.rdbuf();
  std::istringstream lines(with.output);
  for (std::string line; std::getline(lines, line);) EXPECT_THAT(file.str(), HasSubstr(line + "\n"));
}

TEST(Documents, ReadmeCommandsExist) {
  std::ifstream in(RETIME_SOURCE_DIR "/README.md");
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("tools/demo.sh"));
  EXPECT_THAT(text.str(), HasSubstr("tools/test.sh"));
  EXPECT_THAT(text.str(), HasSubstr("US 12,243,145 B2"));
}

}  // namespace
}  // namespace retime

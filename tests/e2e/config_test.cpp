// Help, configurations and documents agree with the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "e2e/program.hpp"

namespace retime {
namespace {

using ::testing::HasSubstr;

constexpr const char* kCommands[] = {"run",    "prepare", "train", "render", "compose",
                                     "export", "info",    "bench", "catalog"};

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

TEST(Version, BothProgramsHaveTheSame) {
  const auto light = run_retime("--version"), computing = run_shell(RETIME_PROGRAM "-compute --version");
  EXPECT_EQ(light.exit_code, 0);
  EXPECT_EQ(light.output, computing.output);
  const auto other = run_shell("RETIME_STARTED_BY='0.0.1 /opt/retime' " RETIME_PROGRAM "-compute --version");
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.output, HasSubstr("retime 0.0.1 cannot work with retime-compute"));
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

// What a reading of the published method does must not depend on our defaults.
TEST(Configurations, ReadingsSetWhatDecidesTheirResult) {
  const std::set<std::string> sections{"[model]", "[loss]", "[upsample]", "[render]"};
  const std::set<std::string> ours{
      "claim-weight", "variation-weight", "mask-threshold", "matting-epochs", "block-frames", "tile", "mask-epochs"};
  const std::set<std::string> training{"epochs",       "batch-frames",        "learning-rate", "warmup-steps",
                                       "decay-epochs", "augment-probability", "augment-scale"};
  const auto dump = run_retime("train s.h5 -o x --dump-config").output;
  for (const std::string name : {"released", "patent"}) {
    std::ifstream in(RETIME_SOURCE_DIR "/configs/" + name + ".cfg");
    std::ostringstream file;
    file << in.rdbuf();
    std::istringstream lines(dump);
    std::string section;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("[")) section = line;
      const auto key = line.substr(0, line.find(" = "));
      if (line.empty() || line.starts_with("[") || ours.contains(key)) continue;
      if (!sections.contains(section) && !training.contains(key)) continue;
      EXPECT_THAT(file.str(), HasSubstr("\n" + key + " = ")) << name;
    }
  }
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

// Help, configurations and documents agree with the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "e2e/program.hpp"

namespace retime {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern, int group = 0) {
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) found.push_back((*it)[group]);
  return found;
}

// The commands that `retime --help` lists.
const std::vector<std::string>& commands() {
  static const auto list = matches(run_retime("--help").output, std::regex("\n  ([a-z]+) +[^\n]+"), 1);
  return list;
}

// What `--help` of every command prints, those of second words included.
const std::map<std::string, ProgramResult>& helps() {
  static const auto all = [] {
    std::vector<std::string> names = commands();
    for (const char* name : {"bench scaling", "bench allreduce", "catalog run", "catalog submit", "catalog status",
                             "catalog retry", "catalog page", "uv train", "uv score", "uv predict"})
      names.emplace_back(name);
    std::map<std::string, ProgramResult> result;
    for (const auto& name : names) result[name] = run_retime(name + " --help");
    return result;
  }();
  return all;
}

TEST(Help, EveryCommandHasIt) {
  EXPECT_GE(commands().size(), 12U);
  for (const std::string command :
       {"run", "prepare", "train", "render", "compose", "export", "info", "bench", "catalog"})
    EXPECT_THAT(commands(), testing::Contains(command));
  for (const auto& [command, help] : helps()) {
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
}

TEST(Configurations, DefaultHasEveryKeyOfEveryStage) {
  const auto file = text_of(RETIME_SOURCE_DIR "/configs/default.cfg");
  std::istringstream lines(run_retime("run clip.mp4 -o x --dump-config -c default").output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_THAT(file, HasSubstr(line + "\n"));
  EXPECT_GT(count, 70) << "all sections";
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
  const auto readme = text_of(RETIME_SOURCE_DIR "/README.md");
  EXPECT_THAT(readme, HasSubstr("tools/demo.sh"));
  EXPECT_THAT(readme, HasSubstr("tools/test.sh"));
  EXPECT_THAT(readme, HasSubstr("US 12,243,145 B2"));
  for (const auto& command : matches(readme, std::regex("(?:    |`|-n [0-9] )retime ([a-z]+)"), 1))
    EXPECT_THAT(commands(), testing::Contains(command));
}

TEST(Documents, ReadmeNamesEveryCommand) {
  const auto readme = text_of(RETIME_SOURCE_DIR "/README.md");
  for (const auto& command : commands()) EXPECT_THAT(readme, HasSubstr("retime " + command));
}

TEST(Documents, ReadmeLeadsToEveryDocument) {
  const auto readme = text_of(RETIME_SOURCE_DIR "/README.md");
  for (const auto& entry : std::filesystem::directory_iterator(RETIME_SOURCE_DIR "/docs"))
    if (entry.path().extension() == ".md") {
      EXPECT_THAT(readme, HasSubstr("](docs/" + entry.path().filename().string() + ")"));
    }
}

// Options that documents name are the program's, or those of a script beside it.
TEST(Documents, OptionsExist) {
  // Of sbatch, srun, apptainer, CMake and GoogleTest.
  const std::set<std::string> foreign{"--array",
                                      "--bind",
                                      "--build",
                                      "--cpus-per-task",
                                      "--gpus-per-node",
                                      "--gpus-per-task",
                                      "--gtest_filter",
                                      "--install",
                                      "--mpi",
                                      "--ntasks-per-node",
                                      "--nv",
                                      "--partition",
                                      "--prefix",
                                      "--preset",
                                      "--signal",
                                      "--time"};
  const std::filesystem::path root = RETIME_SOURCE_DIR;
  std::string known = text_of(root / "tools/quality.py") + text_of(root / "jobs/slurm/pipeline.sh");
  for (const auto& [command, help] : helps()) known += help.output;
  std::vector<std::filesystem::path> documents{root / "README.md", root / "CONTRIBUTING.md",
                                               root / "jobs/slurm/README.md"};
  for (const auto& entry : std::filesystem::directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md") documents.push_back(entry.path());
  int count = 0;
  for (const auto& document : documents)
    for (const auto& option : matches(text_of(document), std::regex("[^-A-Za-z0-9](--[a-z][a-z0-9_-]+)"), 1)) {
      ++count;
      if (foreign.contains(option)) continue;
      EXPECT_TRUE(std::regex_search(known, std::regex(option + "[^a-z0-9-]"))) << document << " names " << option;
    }
  EXPECT_GT(count, 100) << "the test looks at the wrong place";
}

}  // namespace
}  // namespace retime

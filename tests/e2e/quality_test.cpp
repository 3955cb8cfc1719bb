#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"

namespace retime {
namespace {

/// Stands in for the program: makes empty files, writes down what it is asked for, and fails at what `fail` names.
constexpr const char* kStub = R"(#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
grep -qs -- "$1" "$here/fail" && { echo "it went wrong"; exit 1; }
while [ $# -gt 0 ]; do
  [ "$1" = -o ] && out=$2
  [ "$1" = --json ] && json=$2
  [ "$1" = --name ] && name=$2
  [ "$1" = synth ] && folder=truth
  shift
done
[ -n "$folder" ] && mkdir -p "$out/truth" && echo '{}' > "$out/truth/truth.json"
[ -n "$out" ] && [ -z "$folder" ] && touch "$out"
[ "$name" = mine ] && shift=24 freeze=26.5 || shift=20 freeze=25
edits="{\"shift\": {\"psnr_changed\": $shift}, \"freeze\": {\"psnr_changed\": $freeze}, \"slow\": {}}"
[ -n "$json" ] && cat > "$json" << END
{"mean": {"edits_psnr": 31.25}, "reconstruction": {"largest_difference": 3}, "edits": $edits}
END
exit 0
)";

class QualityTest : public testing::Test {
 protected:
  QualityTest() {
    test::write_bytes(folder_ / "retime", kStub);
    std::filesystem::permissions(folder_ / "retime", std::filesystem::perms::owner_all);
  }
  ProgramResult run(const std::string& options) const {
    return run_shell("python3 " RETIME_SOURCE_DIR "/tools/quality.py " + (folder_ / "work").string() + " --program " +
                     (folder_ / "retime").string() + " " + options);
  }
  long calls() const {
    const std::string text = test::read_bytes(folder_ / "calls");
    return std::count(text.begin(), text.end(), '\n');
  }
  const test::TemporaryFolder folder_;
};

TEST_F(QualityTest, MakesATableAndDoesNothingTwice) {
  const std::string options = "--scenes shadows --seeds 1,2 --methods cutouts,mine=default";
  const auto first = run(options);
  EXPECT_EQ(first.exit_code, 0) << first.output;
  EXPECT_NE(first.output.find("| mine | 2 | 31.25 | - | - | 1.50 |"), std::string::npos) << first.output;
  EXPECT_NE(first.output.find("| cutouts | 2 | 31.25 | - | - | - |"), std::string::npos) << first.output;
  EXPECT_EQ(calls(), 2 * (2 + 2 + 3));  // synth, prepare; baseline, score; train, render, score
  EXPECT_NE(test::read_bytes(folder_ / "calls").find("run --config default"), std::string::npos);
  EXPECT_EQ(run(options).exit_code, 0);
  EXPECT_EQ(calls(), 2 * (2 + 2 + 3));
}

TEST_F(QualityTest, AFailureIsToldAndOthersGoOn) {
  test::write_bytes(folder_ / "fail", "baseline");
  const std::string options = "--scenes shadows --seeds 1 --methods matting,mine=default";
  const auto failed = run(options);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.output.find("it went wrong"), std::string::npos) << failed.output;
  EXPECT_NE(failed.output.find("| mine | 1 |"), std::string::npos) << failed.output;
  EXPECT_EQ(failed.output.find("| matting |"), std::string::npos) << failed.output;
  std::filesystem::remove(folder_ / "fail");
  EXPECT_NE(run(options).output.find("| matting | 1 |"), std::string::npos);
}

TEST_F(QualityTest, NothingIsTakenForSomethingElse) {
  const auto twice = run("--scenes shadows --seeds 1 --methods matting,matting.cfg");
  EXPECT_NE(twice.exit_code, 0);
  EXPECT_NE(twice.output.find("two methods have the name 'matting'"), std::string::npos) << twice.output;
  test::write_bytes(folder_ / "fail", "synth");
  const std::string options = "--scenes shadows --seeds 1 --methods cutouts --synth-options=";
  EXPECT_EQ(run(options + "--sise=1").exit_code, 1);
  std::filesystem::remove(folder_ / "fail");
  EXPECT_EQ(run(options + "--size=1").exit_code, 0) << "nothing was made with the mistaken option";
  const auto other = run(options + "--size=2");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_NE(other.output.find("was made with other --synth-options"), std::string::npos) << other.output;
}

}  // namespace
}  // namespace retime

#include "bench/scaling_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "bench/sample_runs.hpp"
#include "bench/scaling_plot.hpp"
#include "core/temporary_folder.hpp"

namespace retime::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<ScalingRun> sample_runs() {
  auto crowded = sample_run(ScalingMode::kStrong, 4, 0.5);
  crowded.oversubscribed = 1;
  return {sample_run(ScalingMode::kStrong, 1, 1.0), sample_run(ScalingMode::kStrong, 1, 0.9),
          sample_run(ScalingMode::kStrong, 1, 1.3), sample_run(ScalingMode::kStrong, 2, 0.6),
          sample_run(ScalingMode::kStrong, 2, 0.5), crowded,
          sample_run(ScalingMode::kWeak, 2, 0.5),   sample_run(ScalingMode::kWeak, 4, 0.625)};
}

TEST(Series, StrongScalingComparesStepTimes) {
  const auto all = make_series(sample_runs());
  ASSERT_EQ(all.size(), 2U);
  const auto& points = all[0].points;
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].runs, 3);
  EXPECT_DOUBLE_EQ(points[0].step_s(), 1.0) << "the median of three";
  EXPECT_DOUBLE_EQ(points[0].min_s, 0.9);
  EXPECT_DOUBLE_EQ(points[0].max_s, 1.3);
  EXPECT_DOUBLE_EQ(points[0].efficiency, 1);
  EXPECT_DOUBLE_EQ(points[1].step_s(), 0.5) << "the faster of two";
  EXPECT_DOUBLE_EQ(points[1].speedup, 2);
  EXPECT_DOUBLE_EQ(points[1].efficiency, 1);
  EXPECT_DOUBLE_EQ(points[2].speedup, 2);
  EXPECT_DOUBLE_EQ(points[2].efficiency, 0.5);
  EXPECT_TRUE(points[2].oversubscribed);
  EXPECT_DOUBLE_EQ(points[2].frames_per_s(), 16);
  EXPECT_DOUBLE_EQ(points[2].communication_share, 0.2);
}

TEST(Series, WeakScalingComparesFramesPerSecondWithTheFewestRanksThereAre) {
  const auto all = make_series(sample_runs());
  const auto& points = all.at(1).points;
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].ranks, 2);
  EXPECT_DOUBLE_EQ(points[0].efficiency, 1);
  EXPECT_DOUBLE_EQ(points[1].efficiency, 0.8) << "0.5 s against 0.625 s";
  EXPECT_DOUBLE_EQ(points[1].speedup, 1.6);
}

TEST(Series, UnequalSetupsAreNotCompared) {
  auto wide = sample_run(ScalingMode::kStrong, 2, 0.1);
  wide.setup.width = 64;
  const auto all = make_series({sample_run(ScalingMode::kStrong, 1, 1), wide});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_DOUBLE_EQ(all[1].points[0].efficiency, 1);
}

TEST(Report, TableSaysWhatWasMeasured) {
  const auto text = report_text(make_series(sample_runs()));
  EXPECT_THAT(text, HasSubstr("strong scaling, 8 frames a step over all ranks"));
  EXPECT_THAT(text, HasSubstr("weak scaling, 2 frames a step on each rank"));
  EXPECT_THAT(text, HasSubstr("1 thread a rank"));
  EXPECT_THAT(text, HasSubstr("50.0 %"));
  EXPECT_THAT(text, HasSubstr("4*"));
  EXPECT_THAT(text, HasSubstr("* more threads than cores"));
  EXPECT_THAT(report_text(make_series({sample_run(ScalingMode::kWeak, 1, 1)})), Not(HasSubstr("* more threads")));
}

TEST(Report, MarkdownTableHasEqualRows) {
  const auto table = series_table(make_series(sample_runs())[0]);
  std::istringstream lines(table.markdown());
  for (std::string line; std::getline(lines, line);)
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), static_cast<long>(table.header.size()) + 1) << line;
}

TEST(Report, CsvCarriesTheDerivedNumbers) {
  const auto table = series_to_csv(make_series(sample_runs()));
  ASSERT_EQ(table.rows.size(), 5U);
  const auto cell = [&](std::size_t row, const std::string& name) {
    const auto column = std::find(table.header.begin(), table.header.end(), name) - table.header.begin();
    return table.rows.at(row).at(static_cast<std::size_t>(column));
  };
  EXPECT_EQ(cell(2, "efficiency"), "0.5000");
  EXPECT_EQ(cell(2, "communication_share"), "0.2000");
  EXPECT_EQ(cell(2, "steps_per_s"), "2.000000");
  EXPECT_EQ(cell(4, "efficiency"), "0.8000");
}

/// Whether all tags of an XML text are closed in order and its texts hold no bare special characters.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t place = xml.find("?>") + 2;
  for (std::size_t tag = xml.find('<', place); tag != std::string::npos; tag = xml.find('<', place)) {
    const auto end = xml.find('>', tag);
    if (end == std::string::npos || xml.substr(place, tag - place).find('>') != std::string::npos) return false;
    const std::string words = xml.substr(tag + 1, end - tag - 1);
    if (words.find('<') != std::string::npos || std::count(words.begin(), words.end(), '"') % 2 != 0) return false;
    const std::string name = words.substr(0, words.find_first_of(" /", words[0] == '/' ? 1 : 0));
    if (words[0] == '/') {
      if (open.empty() || open.back() != words.substr(1)) return false;
      open.pop_back();
    } else if (words.back() != '/') {
      open.push_back(name);
    }
    place = end + 1;
  }
  for (auto amp = xml.find('&'); amp != std::string::npos; amp = xml.find('&', amp + 1))
    if (xml.find(';', amp) - amp > 5) return false;
  return open.empty();
}

TEST(Plot, IsWellFormedAndHasAllBars) {
  const auto all = make_series(sample_runs());
  const auto svg = scaling_plot(all);
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_THAT(svg, HasSubstr("Processor, &quot;fast&quot; &amp; &lt;new&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  std::size_t bars = 0;
  for (auto place = svg.find("#d55e00"); place != std::string::npos; place = svg.find("#d55e00", place + 1)) ++bars;
  EXPECT_EQ(bars, 5U + 1U) << "communication of five points, and the legend";
  EXPECT_FALSE(is_well_formed("<?xml?><svg><g></svg>")) << "the check itself";
}

TEST(Plot, DrawsASingleRun) {
  const auto svg = scaling_plot(make_series({sample_run(ScalingMode::kWeak, 1, 1e-5)}));
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Report, FolderHoldsTableCsvAndPlotOfAllRuns) {
  const TemporaryFolder folder;
  const ScalingFolder runs(folder.path());
  runs.add({sample_run(ScalingMode::kStrong, 1, 1.0)});
  runs.add({sample_run(ScalingMode::kStrong, 2, 0.5)});
  const auto all = write_report(runs);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(read_csv_table(folder.path() / "scaling.csv").rows.size(), 2U);
  std::ifstream in(folder.path() / "scaling.md");
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("(scaling.svg)"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "scaling.svg"));
}

}  // namespace
}  // namespace retime::test

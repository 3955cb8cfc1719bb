#include "bench/scaling_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>

#include "bench/scaling_plot.hpp"
#include "core/files.hpp"

namespace retime {
namespace {

constexpr const char* kLegend =
    "Times are in ms. A step is the mean of the middle half of the steps of a run by duration, over all ranks; of "
    "several runs the median counts, and 'spread' is the fastest and the slowest. 'exposed' is the time for which "
    "ranks "
    "stand still for sums over ranks (waiting for slower ranks included); what travels beside the backward pass is not "
    "in "
    "it. data + forward + backward + exposed + optimizer = step. Efficiency is relative to the fewest ranks.";
constexpr const char* kOversubscribed =
    "* more threads than cores, or ranks that share a GPU: tells that it works, not how it scales.";

ScalingPoint make_point(std::vector<ScalingRun> runs) {
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.step.step_s < b.step.step_s; });
  ScalingPoint point;
  point.median = runs[(runs.size() - 1) / 2];
  point.runs = static_cast<int>(runs.size());
  point.ranks = point.median.ranks;
  point.nodes = point.median.nodes;
  point.oversubscribed = std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.oversubscribed != 0; });
  point.min_s = runs.front().step.step_s;
  point.max_s = runs.back().step.step_s;
  point.communication_share =
      point.median.step.part_s[static_cast<std::size_t>(StepPart::kCommunication)] / point.step_s();
  return point;
}

void relate_to_first(ScalingSeries& series) {
  const ScalingPoint first = series.points.front();
  for (auto& point : series.points) {
    point.speedup = point.frames_per_s() / first.frames_per_s();
    point.efficiency = point.speedup * first.ranks / point.ranks;
  }
}

std::string ms(double seconds) { return fixed(1000 * seconds, seconds < 0.1 ? 2 : 1); }

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string heading(const ScalingSeries& series) {
  std::string title = series_title(series);
  title[0] = series.setup.mode == ScalingMode::kWeak ? 'W' : 'S';
  return "## " + title;
}

bool any_oversubscribed(const std::vector<ScalingSeries>& all) {
  return std::any_of(all.begin(), all.end(), [](const auto& series) {
    return std::any_of(series.points.begin(), series.points.end(), [](const auto& p) { return p.oversubscribed; });
  });
}

}  // namespace

std::vector<ScalingSeries> make_series(const std::vector<ScalingRun>& runs) {
  std::map<ScalingSetup, std::map<int, std::vector<ScalingRun>>> groups;
  for (const auto& run : runs) groups[run.setup][run.ranks].push_back(run);
  std::vector<ScalingSeries> all;
  for (const auto& [setup, by_ranks] : groups) {
    all.push_back({setup, {}});
    for (const auto& [ranks, same] : by_ranks) all.back().points.push_back(make_point(same));
    relate_to_first(all.back());
  }
  return all;
}

std::string series_title(const ScalingSeries& series) {
  const std::string frames = fmt::format("{} {}", series.setup.batch, series.setup.batch == 1 ? "frame" : "frames");
  return series.setup.mode == ScalingMode::kWeak ? "weak scaling, " + frames + " a step on each rank"
                                                 : "strong scaling, " + frames + " a step over all ranks";
}

std::string setup_text(const ScalingSetup& setup) {
  return fmt::format("width {}, {} {}, {}x{}, {}; {}, {} {} a rank", setup.width, setup.objects,
                     setup.objects == 1 ? "object" : "objects", setup.image_width, setup.image_height,
                     setup.bf16 != 0 ? "bfloat16" : "float32", setup.device, setup.threads,
                     setup.threads == 1 ? "thread" : "threads");
}

TextTable series_table(const ScalingSeries& series) {
  TextTable table;
  table.header = {"ranks",  "steps/s", "frames/s", "speed-up", "efficiency", "comm. share", "step",
                  "spread", "data",    "forward",  "backward", "exposed",    "optimizer",   "runs"};
  for (const auto& point : series.points) {
    std::vector<std::string> row{std::to_string(point.ranks) + (point.oversubscribed ? "*" : ""),
                                 fixed(1 / point.step_s(), 3),
                                 fixed(point.frames_per_s(), 2),
                                 fixed(point.speedup, 2),
                                 percent(point.efficiency),
                                 percent(point.communication_share),
                                 ms(point.step_s()),
                                 ms(point.min_s) + "-" + ms(point.max_s)};
    for (const double part : point.median.step.part_s) row.push_back(ms(part));
    row.push_back(std::to_string(point.runs));
    table.rows.push_back(std::move(row));
  }
  return table;
}

CsvTable series_to_csv(const std::vector<ScalingSeries>& all) {
  CsvTable table;
  for (const auto& series : all)
    for (const auto& point : series.points) {
      const CsvTable median = runs_to_csv({point.median});
      table.header = median.header;
      auto row = median.rows[0];
      const auto add = [&](const char* name, double value, int decimals) {
        table.header.emplace_back(name);
        row.push_back(fixed(value, decimals));
      };
      add("runs", point.runs, 0);
      add("fastest_run_s", point.min_s, 6);
      add("slowest_run_s", point.max_s, 6);
      add("steps_per_s", 1 / point.step_s(), 6);
      add("frames_per_s", point.frames_per_s(), 6);
      add("speedup", point.speedup, 4);
      add("efficiency", point.efficiency, 4);
      add("communication_share", point.communication_share, 4);
      table.rows.push_back(std::move(row));
    }
  return table;
}

std::string report_text(const std::vector<ScalingSeries>& all) {
  std::string text;
  for (const auto& series : all)
    text += series_title(series) + "\n" + setup_text(series.setup) + "\n\n" + series_table(series).plain() + "\n";
  if (any_oversubscribed(all)) text += std::string(kOversubscribed) + "\n";
  return text + kLegend + "\n";
}

std::string report_markdown(const std::vector<ScalingSeries>& all) {
  std::string text = "# Scaling, as measured\n\n";
  for (const auto& series : all)
    text += heading(series) + "\n\n" + setup_text(series.setup) + "\n\n" + series_table(series).markdown() + "\n";
  if (any_oversubscribed(all)) text += std::string("\\") + kOversubscribed + "\n\n";
  return text + kLegend + "\n\n![Speed over ranks, and the parts of a step](scaling.svg)\n";
}

std::vector<ScalingSeries> write_report(const ScalingFolder& folder) {
  for (;;) {
    const auto files = folder.files();
    auto all = make_series(folder.read());
    write_text_file(folder.path() / "scaling.csv", to_csv(series_to_csv(all)));
    write_text_file(folder.path() / "scaling.md", report_markdown(all));
    write_text_file(folder.path() / "scaling.svg", scaling_plot(all));
    // A run that another process added meanwhile may be missing from what was just written over its report.
    if (folder.files() == files) return all;
  }
}

}  // namespace retime

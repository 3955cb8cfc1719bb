#pragma once

#include <string>
#include <vector>

#include "bench/scaling_bench.hpp"
#include "bench/table.hpp"
#include "core/csv.hpp"

namespace retime {

/// All runs of one setup with one number of ranks.
struct ScalingPoint {
  int ranks = 1, nodes = 1;
  bool oversubscribed = false;
  int runs = 0;
  ScalingRun median;               ///< the run whose step takes the median time (of an even number: the faster one)
  double min_s = 0, max_s = 0;     ///< step time of the fastest and of the slowest run
  double speedup = 1;              ///< in frames per second, against the fewest ranks
  double efficiency = 1;           ///< speed-up over how many times more ranks there are
  double communication_share = 0;  ///< of the step

  double step_s() const { return median.step.step_s; }
  double frames_per_s() const { return median.global_batch() / step_s(); }
};

/// Strong or weak scaling of one setup: points by number of ranks.
struct ScalingSeries {
  ScalingSetup setup;
  std::vector<ScalingPoint> points;
};

/// Groups runs that may be compared and relates them to the fewest ranks of their group.
std::vector<ScalingSeries> make_series(const std::vector<ScalingRun>& runs);

/// "strong scaling, 8 frames a step": what the ranks share, or each have.
std::string series_title(const ScalingSeries& series);
/// "width 16, 2 objects, 224x128, float32; Some Processor, 1 thread a rank".
std::string setup_text(const ScalingSetup& setup);

/// Steps/s, efficiency, communication share and the parts of a step, a row for each number of ranks.
TextTable series_table(const ScalingSeries& series);
/// The same numbers in full, a row for each point of all series.
CsvTable series_to_csv(const std::vector<ScalingSeries>& all);

/// Titles, tables and what the columns mean.
std::string report_text(const std::vector<ScalingSeries>& all);
std::string report_markdown(const std::vector<ScalingSeries>& all);

/// Writes scaling.csv, scaling.md and scaling.svg into the folder from all its runs and returns the series. Several
/// processes may do so at once: the last word has one that saw all runs.
std::vector<ScalingSeries> write_report(const ScalingFolder& folder);

}  // namespace retime

#pragma once

#include <string>
#include <vector>

namespace retime {

struct ScalingSeries;

/// An SVG picture with a row for each series: frames per second over ranks with the ideal line and the spread of runs,
/// and beside it the step as a stacked bar of its parts for each number of ranks. Points of oversubscribed runs are
/// hollow.
std::string scaling_plot(const std::vector<ScalingSeries>& all);

}  // namespace retime

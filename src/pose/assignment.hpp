#pragma once

#include <limits>
#include <vector>

namespace retime {

/// The cost of a pair that must not be.
inline constexpr double kNeverPaired = std::numeric_limits<double>::infinity();

/// Pairs rows with columns of `costs` (all rows of one length), each at most once, so that the sum is the least of all
/// pairings in which a row or column may also stay alone: a row that stays alone costs `alone`. Gives for each row its
/// column, -1 where it has none.
std::vector<int> best_assignment(const std::vector<std::vector<double>>& costs, double alone);

}  // namespace retime

#include "pose/assignment.hpp"

#include <algorithm>
#include <cstddef>

namespace retime {
namespace {

/// The Hungarian method with potentials, row by row, for a table with at least as many columns as rows. Rows and
/// columns are counted from 1; column 0 holds the row that looks for a place.
class HungarianTable {
 public:
  HungarianTable(const std::vector<std::vector<double>>& costs, double alone)
      : costs_(costs),
        alone_(alone),
        rows_(costs.size()),
        real_columns_(costs.empty() ? 0 : costs.front().size()),
        row_potentials_(rows_ + 1),
        column_potentials_(columns() + 1),
        row_of_(columns() + 1) {}

  std::vector<int> solve() {
    for (std::size_t row = 1; row <= rows_; ++row) place(row);
    std::vector<int> column_of(rows_, -1);
    for (std::size_t column = 1; column <= real_columns_; ++column)
      if (row_of_[column] > 0) column_of[row_of_[column] - 1] = static_cast<int>(column) - 1;
    return column_of;
  }

 private:
  std::size_t columns() const { return real_columns_ + rows_; }

  /// Behind the real columns each row has one to be alone in.
  double cost(std::size_t row, std::size_t column) const {
    if (column > real_columns_) return alone_;
    return std::min(costs_[row - 1][column - 1], kFar);
  }

  void place(std::size_t row) {
    std::vector<double> least(columns() + 1, 4 * kFar);
    std::vector<std::size_t> before(columns() + 1);
    std::vector<bool> used(columns() + 1);
    row_of_[0] = row;
    std::size_t column = 0;
    while (row_of_[column] != 0) {
      used[column] = true;
      column = nearest(column, used, least, before);
    }
    for (; column != 0; column = before[column]) row_of_[column] = row_of_[before[column]];
  }

  /// The free column that is reached at the least cost from those used, `column` the last of them.
  std::size_t nearest(std::size_t column, const std::vector<bool>& used, std::vector<double>& least,
                      std::vector<std::size_t>& before) {
    const std::size_t row = row_of_[column];
    std::size_t best = 0;
    for (std::size_t other = 1; other <= columns(); ++other) {
      if (used[other]) continue;
      const double reduced = cost(row, other) - row_potentials_[row] - column_potentials_[other];
      if (reduced < least[other]) {
        least[other] = reduced;
        before[other] = column;
      }
      if (best == 0 || least[other] < least[best]) best = other;
    }
    const double step = least[best];
    for (std::size_t other = 0; other <= columns(); ++other) {
      if (used[other]) {
        row_potentials_[row_of_[other]] += step;
        column_potentials_[other] -= step;
      } else {
        least[other] -= step;
      }
    }
    return best;
  }

  static constexpr double kFar = 1e9;  // for what must not be: more than any cost

  const std::vector<std::vector<double>>& costs_;
  double alone_;
  std::size_t rows_, real_columns_;
  std::vector<double> row_potentials_, column_potentials_;
  std::vector<std::size_t> row_of_;
};

}  // namespace

std::vector<int> best_assignment(const std::vector<std::vector<double>>& costs, double alone) {
  return HungarianTable(costs, alone).solve();
}

}  // namespace retime

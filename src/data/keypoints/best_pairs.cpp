#include "data/keypoints/best_pairs.hpp"

#include <limits>

namespace retime {
namespace {

// The Hungarian method with prices: rows are added one at a time, each along the cheapest path of exchanges. Rows and
// columns count from 1; column 0 holds the row that is being added. Each row has a column of its own at cost 0, which
// stands for none.
class Exchange {
 public:
  explicit Exchange(const cv::Mat1d& gain)
      : gain_(gain),
        columns_(static_cast<std::size_t>(gain.cols + gain.rows)),
        row_price_(static_cast<std::size_t>(gain.rows) + 1),
        column_price_(columns_ + 1),
        row_at_(columns_ + 1) {}

  void add(std::size_t row) {
    row_at_[0] = row;
    std::vector<std::size_t> before(columns_ + 1);
    std::vector<double> least(columns_ + 1, std::numeric_limits<double>::max());
    std::vector<bool> reached(columns_ + 1);
    std::size_t column = 0;
    while (row_at_[column] != 0) column = reach_from(column, before, least, reached);
    for (; column != 0; column = before[column]) row_at_[column] = row_at_[before[column]];
  }

  std::vector<int> pairs() const {
    std::vector<int> result(static_cast<std::size_t>(gain_.rows), -1);
    for (std::size_t c = 1; c <= static_cast<std::size_t>(gain_.cols); ++c)
      if (row_at_[c] != 0 && gain(row_at_[c], c) > 0) result[row_at_[c] - 1] = static_cast<int>(c) - 1;
    return result;
  }

 private:
  double gain(std::size_t row, std::size_t column) const {
    return gain_(static_cast<int>(row) - 1, static_cast<int>(column) - 1);
  }
  double cost(std::size_t row, std::size_t column) const {
    if (column > static_cast<std::size_t>(gain_.cols)) return 0;
    return gain(row, column) > 0 ? -gain(row, column) : 1;
  }

  // Takes the cheapest column that can be reached next, and changes prices so that it costs nothing.
  std::size_t reach_from(std::size_t column, std::vector<std::size_t>& before, std::vector<double>& least,
                         std::vector<bool>& reached) {
    reached[column] = true;
    const std::size_t row = row_at_[column];
    std::size_t next = 0;
    double step = std::numeric_limits<double>::max();
    for (std::size_t c = 1; c <= columns_; ++c) {
      if (reached[c]) continue;
      const double price = cost(row, c) - row_price_[row] - column_price_[c];
      if (price < least[c]) least[c] = price, before[c] = column;
      if (least[c] < step) step = least[c], next = c;
    }
    for (std::size_t c = 0; c <= columns_; ++c) {
      if (reached[c])
        row_price_[row_at_[c]] += step, column_price_[c] -= step;
      else
        least[c] -= step;
    }
    return next;
  }

  const cv::Mat1d& gain_;
  std::size_t columns_;
  std::vector<double> row_price_, column_price_;
  std::vector<std::size_t> row_at_;
};

}  // namespace

std::vector<int> best_pairs(const cv::Mat1d& gain) {
  Exchange exchange(gain);
  for (int row = 1; row <= gain.rows; ++row) exchange.add(static_cast<std::size_t>(row));
  return exchange.pairs();
}

}  // namespace retime

#include "data/complete/placement.hpp"

#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr double kStray = 0.01;        // share of a mask's pixels above its top, and below its bottom
constexpr double kLeastWeight = 1e-9;  // keeps a path with one known frame defined

using SparseMatrix = Eigen::SparseMatrix<double>;

/// The smoothest line through weighted values: least squares with a price on second differences (Whittaker 1923).
class Smoother {
 public:
  Smoother(const std::vector<double>& weights, double period)
      : weights_(Eigen::Map<const Eigen::VectorXd>(weights.data(), static_cast<Eigen::Index>(weights.size()))) {
    const Eigen::Index count = weights_.size();
    std::vector<Eigen::Triplet<double>> entries;
    for (Eigen::Index i = 0; i + 2 < count; ++i)
      for (const auto& [offset, value] : {std::pair{0, 1.0}, {1, -2.0}, {2, 1.0}})
        entries.emplace_back(i, i + offset, value);
    SparseMatrix bends(std::max<Eigen::Index>(count - 2, 0), count);
    bends.setFromTriplets(entries.begin(), entries.end());
    // At this price waves of the period are halved.
    const double price = std::pow(2 * std::sin(CV_PI / period), -4);
    SparseMatrix system = price * SparseMatrix(bends.transpose()) * bends;
    for (Eigen::Index i = 0; i < count; ++i) system.coeffRef(i, i) += weights_[i] + kLeastWeight;
    solver_.compute(system);
  }

  Eigen::VectorXd line(const Eigen::VectorXd& values) const {
    // Deviations from the mean: where next to nothing is known, the mean remains.
    const double mean = weights_.dot(values) / weights_.sum();
    const Eigen::VectorXd weighted = weights_.cwiseProduct((values.array() - mean).matrix());
    return (solver_.solve(weighted).array() + mean).matrix();
  }

 private:
  Eigen::VectorXd weights_;
  Eigen::SimplicialLDLT<SparseMatrix> solver_;
};

/// The row above which `share` of the pixels lie.
int row_at(const std::vector<int>& pixels_of_row, double share) {
  double total = 0;
  for (const int pixels : pixels_of_row) total += pixels;
  double above = 0;
  for (std::size_t y = 0; y < pixels_of_row.size(); ++y)
    if ((above += pixels_of_row[y]) > share * total) return static_cast<int>(y);
  return static_cast<int>(pixels_of_row.size()) - 1;
}

}  // namespace

BodyPlacement placement_of(const BoxMask& mask) {
  const cv::Mat crop = mask.crop();
  const cv::Moments moments = cv::moments(crop, true);
  std::vector<int> rows;
  for (int y = 0; y < crop.rows; ++y) rows.push_back(cv::countNonZero(crop.row(y)));
  const int top = row_at(rows, kStray), bottom = row_at(rows, 1 - kStray);
  return {mask.box.x + moments.m10 / moments.m00, mask.box.y + 0.5 * (top + bottom), bottom - top + 1.0};
}

std::vector<BodyPlacement> smooth_path(const std::vector<BodyPlacement>& places, const std::vector<double>& weights,
                                       double period) {
  if (std::none_of(weights.begin(), weights.end(), [](double weight) { return weight > 0; })) return {};
  const Smoother smoother(weights, std::max(period, 2.0));
  std::vector<BodyPlacement> path(places.size());
  Eigen::VectorXd values(static_cast<Eigen::Index>(places.size()));
  for (double BodyPlacement::*part : {&BodyPlacement::x, &BodyPlacement::y, &BodyPlacement::height}) {
    for (std::size_t t = 0; t < places.size(); ++t) values[static_cast<Eigen::Index>(t)] = places[t].*part;
    const Eigen::VectorXd line = smoother.line(values);
    for (std::size_t t = 0; t < places.size(); ++t) path[t].*part = line[static_cast<Eigen::Index>(t)];
  }
  for (BodyPlacement& place : path) place.height = std::max(place.height, 1.0);
  return path;
}

cv::Mat carried(const cv::Mat& picture, cv::Point corner, const BodyPlacement& from, const BodyPlacement& to,
                const cv::Rect& area) {
  cv::Mat result = cv::Mat::zeros(area.size(), CV_8U);
  if (picture.empty() || area.empty()) return result;
  const double scale = to.height / from.height;
  const cv::Matx23d map(scale, 0, to.x - area.x - scale * (from.x - corner.x), 0, scale,
                        to.y - area.y - scale * (from.y - corner.y));
  cv::warpAffine(picture, result, map, area.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(0));
  return result;
}

}  // namespace retime

#include "data/complete/silhouettes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr double kNormalSide = 80;      // pixels of a silhouette's larger side when silhouettes are compared
constexpr double kShiftPrice = 0.01;    // share of the body that a shift by the reach costs
constexpr double kUnknownBreak = 1.15;  // how much worse a silhouette follows when only its likeness is known
constexpr int kLargestMargin = 20;

/// The box of a mask when its object is at `normal`, symmetric about the middle.
cv::Rect normal_box(const cv::Rect& box, const BodyPlacement& place, const BodyPlacement& normal) {
  const double scale = normal.height / place.height;
  const double side = std::max(place.x - box.x, box.br().x - place.x);
  const int half = cvCeil(scale * side) + 1, top = cvFloor(scale * (box.y - place.y)) - 1;
  return {-half, top, 2 * half + 1, cvCeil(scale * (box.br().y - place.y)) + 1 - top};
}

cv::Mat mirrored(const cv::Mat& picture) {
  cv::Mat result;
  cv::flip(picture, result, 1);
  return result;
}

cv::Mat unit_floats(const cv::Mat& picture) {
  cv::Mat result;
  picture.convertTo(result, CV_32F, 1 / 255.0);
  return result;
}

}  // namespace

Silhouettes::Silhouettes(const std::vector<BoxMask>& masks, const std::vector<BodyPlacement>& path,
                         std::vector<int> frames)
    : masks_(masks), path_(path), frames_(std::move(frames)) {
  double widest = 1;
  for (const int t : frames_) {
    const auto& box = masks[static_cast<std::size_t>(t)].box;
    widest = std::max(widest, std::max(box.width, box.height) / path[static_cast<std::size_t>(t)].height);
  }
  normal_.height = kNormalSide / widest;
  for (const int t : frames_)
    area_ |= normal_box(masks[static_cast<std::size_t>(t)].box, path[static_cast<std::size_t>(t)], normal_);
  for (const int t : frames_) {
    const BoxMask& mask = masks[static_cast<std::size_t>(t)];
    pictures_.push_back(
        unit_floats(carried(mask.crop(), mask.box.tl(), path[static_cast<std::size_t>(t)], normal_, area_)));
  }
  for (std::size_t k = 0; k < frames_.size(); ++k) pictures_.push_back(mirrored(pictures_[k]));
  compare();
}

void Silhouettes::compare() {
  double pixels = 0;
  for (const cv::Mat& picture : pictures_) pixels += cv::sum(picture)[0];
  body_ = std::max(1.0, pixels / count());
  const auto for_all = [&](cv::Mat_<double>& result, const auto& difference) {
    result.create(count(), count());
    cv::parallel_for_({0, count()}, [&](const cv::Range& range) {
      for (int k = range.start; k < range.end; ++k)
        for (int other = 0; other <= k; ++other) result(k, other) = result(other, k) = difference(k, other);
    });
  };
  cv::Mat_<double> still;
  for_all(still, [&](int k, int other) {
    return cv::norm(pictures_[static_cast<std::size_t>(k)], pictures_[static_cast<std::size_t>(other)], cv::NORM_L1) /
           body_;
  });
  for_all(differences_, [&](int k, int other) { return moving_difference(still, k, other); });
}

// Legs that swing apart look like legs that swing together; the frames beside tell them apart.
double Silhouettes::moving_difference(const cv::Mat_<double>& still, int k, int other) const {
  double sum = still(k, other);
  int count = 1;
  for (const int step : {-1, 1}) {
    const int a = neighbour(k, step), b = neighbour(other, step);
    if (a < 0 || b < 0) continue;
    sum += still(a, b);
    ++count;
  }
  return sum / count;
}

double Silhouettes::body_pixels(const BodyPlacement& place) const {
  const double scale = place.height / normal_.height;
  return std::max(1.0, scale * scale * body_);
}

int Silhouettes::index_of(int frame) const {
  const auto found = std::lower_bound(frames_.begin(), frames_.end(), frame);
  return found != frames_.end() && *found == frame ? static_cast<int>(found - frames_.begin()) : -1;
}

int Silhouettes::neighbour(int k, int step) const {
  const int found = index_of(frame_of(k) + step);
  return found >= 0 && is_mirrored(k) ? found + static_cast<int>(frames_.size()) : found;
}

double Silhouettes::break_between(int k, int next) const {
  const int after = neighbour(k, 1), before = neighbour(next, -1);
  if (after == next) return 0;
  if (after < 0 && before < 0) return kUnknownBreak * differences_(k, next);
  const double from_after = after < 0 ? std::numeric_limits<double>::max() : differences_(after, next);
  return std::min(from_after, before < 0 ? from_after : differences_(k, before));
}

// 1 where the object cannot be, -1 where it must be, 0 where the frame does not tell.
cv::Mat Silhouettes::normal_view(const PartView& view, int margin) const {
  const cv::Rect area(area_.x - margin, area_.y - margin, area_.width + 2 * margin, area_.height + 2 * margin);
  const auto normal = [&](const cv::Mat& picture, cv::Point corner) {
    return unit_floats(carried(picture, corner, view.place, normal_, area));
  };
  const cv::Mat frame = normal(cv::Mat(view.covered.size(), CV_8U, cv::Scalar(255)), {});
  const cv::Mat covered = normal(view.covered, {}), seen = normal(view.visible.crop(), view.visible.box.tl());
  return cv::max(frame - covered - seen, 0) - seen;
}

SilhouetteFit Silhouettes::best_shift(const cv::Mat& told, double seen, const cv::Mat& picture, double reach) const {
  cv::Mat contradiction;
  cv::matchTemplate(told, picture, contradiction, cv::TM_CCORR);
  const cv::Point middle(contradiction.cols / 2, contradiction.rows / 2);
  SilhouetteFit best{std::numeric_limits<double>::max(), {}};
  for (int y = 0; y < contradiction.rows; ++y)
    for (int x = 0; x < contradiction.cols; ++x) {
      const cv::Point2d shift(x - middle.x, y - middle.y);
      const double price = kShiftPrice * shift.dot(shift) / (reach * reach);
      const double misfit = (seen + contradiction.at<float>(y, x)) / body_ + price;
      if (misfit < best.misfit) best = {misfit, shift / normal_.height};
    }
  return best;
}

std::vector<SilhouetteFit> Silhouettes::fit(const PartView& view) const {
  const double reach = std::max(1.0, view.reach * normal_.height);
  const cv::Mat told = normal_view(view, std::min(kLargestMargin, cvCeil(2 * reach)));
  const double seen = cv::sum(cv::max(-told, 0))[0];
  std::vector<SilhouetteFit> fits(pictures_.size());
  cv::parallel_for_({0, count()}, [&](const cv::Range& range) {
    for (auto k = static_cast<std::size_t>(range.start); k < static_cast<std::size_t>(range.end); ++k)
      fits[k] = best_shift(told, seen, pictures_[k], reach);
  });
  return fits;
}

cv::Mat Silhouettes::at(int k, const BodyPlacement& place, const cv::Rect& area) const {
  const auto t = static_cast<std::size_t>(frame_of(k));
  const BoxMask& mask = masks_[t];
  BodyPlacement from = path_[t];
  if (is_mirrored(k)) from.x = mask.box.x + mask.box.br().x - 1 - from.x;
  const cv::Mat crop = is_mirrored(k) ? mirrored(mask.crop()) : mask.crop();
  return carried(crop, mask.box.tl(), from, place, area) > 127;
}

}  // namespace retime

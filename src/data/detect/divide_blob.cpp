#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "data/detect/blob_tracker.hpp"

namespace retime {
namespace {

constexpr float kRareColour = 0.002F;     // share given to colours an object never showed
constexpr float kDistanceWeight = 0.12F;  // log odds a pixel outside the expected shape
constexpr int kSearch = 8;                // pixels that an expected shape may be moved to fit
constexpr float kSmallIsland = 0.1F;      // of an object's part: smaller separate pieces go to the neighbour

using LogColours = std::array<float, 512>;

LogColours log_colours(const TrackedObject& object) {
  // Neighbouring bins share a little, for colours change with the light.
  const int sizes[] = {8, 8, 8};
  const cv::Mat cube(3, sizes, CV_32F, object.colours.data);
  LogColours logs{};
  for (int i = 0; i < 512; ++i) {
    const int r = i / 64, g = i / 8 % 8, b = i % 8;
    float sum = 0.F;
    for (int d = -1; d <= 1; ++d) {
      const float w = d == 0 ? 1.F : 0.25F;
      sum += w * cube.at<float>(std::clamp(r + d, 0, 7), std::clamp(g + d, 0, 7), std::clamp(b + d, 0, 7));
    }
    logs[static_cast<std::size_t>(i)] = std::log(kRareColour + sum);
  }
  return logs;
}

/// Log likelihood of every pixel of the box under each object's colours.
cv::Mat likelihood(const cv::Mat& frame, const cv::Rect& box, const LogColours& logs) {
  cv::Mat result(box.size(), CV_32F);
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) {
      const cv::Vec3b& rgb = frame.at<cv::Vec3b>(box.y + y, box.x + x);
      result.at<float>(y, x) = logs[static_cast<std::size_t>(colour_bin(rgb))];
    }
  }
  cv::GaussianBlur(result, result, {0, 0}, 1.5);
  return result;
}

/// How well a shape at an offset in the blob covers pixels of the blob that have its colours rather than others.
float fit_of(const cv::Mat& shape, cv::Point offset, const cv::Mat& blob, const cv::Mat& advantage) {
  float fit = 0.F;
  for (int y = 0; y < shape.rows; y += 3) {
    for (int x = 0; x < shape.cols; x += 3) {
      if (shape.at<uchar>(y, x) == 0) continue;
      const cv::Point p = cv::Point(x, y) + offset;
      const bool inside = p.x >= 0 && p.y >= 0 && p.x < blob.cols && p.y < blob.rows && blob.at<uchar>(p);
      fit += inside ? 0.5F + std::clamp(advantage.at<float>(p), -1.F, 1.F) : -0.5F;
    }
  }
  return fit;
}

BoxMask fitted_shape(const BoxMask& shape, const BoxMask& blob, const cv::Mat& advantage) {
  const cv::Mat shape_crop = shape.crop(), blob_crop = blob.crop();
  const auto fit_at = [&](cv::Point by) {
    return fit_of(shape_crop, shape.box.tl() + by - blob.box.tl(), blob_crop, advantage);
  };
  cv::Point best(0, 0);
  float best_fit = fit_at(best) + 1.F;
  for (int dy = -kSearch / 2; dy <= kSearch / 2; dy += 2) {
    for (int dx = -kSearch; dx <= kSearch; dx += 2) {
      const float fit = fit_at({dx, dy});
      if (fit > best_fit) best = {dx, dy}, best_fit = fit;
    }
  }
  BoxMask fitted = shape;
  fitted.box += best;
  return fitted;
}

cv::Mat distance_to(const BoxMask& shape, const cv::Rect& box) {
  const cv::Rect all = box | shape.box;
  cv::Mat outside(all.size(), CV_8U, cv::Scalar(255)), distance;
  outside(shape.box - all.tl()).setTo(0, shape.crop());
  cv::distanceTransform(outside, distance, cv::DIST_L2, 3);
  return distance(box - all.tl()).clone();
}

/// Per object the log odds of each pixel of the blob's box.
std::vector<cv::Mat> scores(const cv::Mat& frame, const BoxMask& blob,
                            const std::vector<const TrackedObject*>& objects) {
  std::vector<cv::Mat> colour, result;
  for (const TrackedObject* object : objects) colour.push_back(likelihood(frame, blob.box, log_colours(*object)));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    cv::Mat others(blob.box.size(), CV_32F, cv::Scalar(-1e6));
    for (std::size_t j = 0; j < objects.size(); ++j) {
      if (j != i) cv::max(others, colour[j], others);
    }
    const BoxMask shape = fitted_shape(objects[i]->shape, blob, colour[i] - others);
    cv::Mat score = colour[i] - kDistanceWeight * distance_to(shape, blob.box);
    cv::GaussianBlur(score, score, {0, 0}, 2.0);
    result.push_back(score);
  }
  return result;
}

BoxMask without_islands(const cv::Mat& part, cv::Point origin, std::vector<cv::Mat>& islands) {
  cv::Mat kept = part.clone(), labels, stats, centres;
  const int n = cv::connectedComponentsWithStats(part, labels, stats, centres);
  const float total = static_cast<float>(cv::countNonZero(part));
  for (int label = 1; label < n; ++label) {
    if (static_cast<float>(stats.at<int>(label, cv::CC_STAT_AREA)) >= kSmallIsland * total) continue;
    islands.push_back(labels == label);
    kept.setTo(0, islands.back());
  }
  BoxMask mask = box_mask_from_full(kept);
  if (!mask.empty()) mask.box += origin;
  return mask;
}

/// Gives each island to the object whose part it touches most.
void rejoin(const std::vector<cv::Mat>& islands, cv::Point origin, std::vector<BoxMask>& parts) {
  for (const cv::Mat& island : islands) {
    cv::Mat grown;
    cv::dilate(island, grown, cv::Mat::ones(5, 5, CV_8U));
    BoxMask rim = box_mask_from_full(grown), piece = box_mask_from_full(island);
    rim.box += origin, piece.box += origin;
    const auto closest = std::max_element(parts.begin(), parts.end(), [&](const BoxMask& a, const BoxMask& b) {
      return shared_area(a, rim) < shared_area(b, rim);
    });
    *closest = united_mask(*closest, piece);
  }
}

}  // namespace

std::vector<BoxMask> divide_blob(const cv::Mat& frame, const BoxMask& blob,
                                 const std::vector<const TrackedObject*>& objects) {
  const std::vector<cv::Mat> score = scores(frame, blob, objects);
  std::vector<BoxMask> parts;
  std::vector<cv::Mat> islands;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    cv::Mat mine = blob.crop();
    for (std::size_t j = 0; j < objects.size(); ++j) {
      if (j != i) mine.setTo(0, j < i ? cv::Mat(score[j] >= score[i]) : cv::Mat(score[j] > score[i]));
    }
    parts.push_back(without_islands(mine, blob.box.tl(), islands));
  }
  rejoin(islands, blob.box.tl(), parts);
  return parts;
}

}  // namespace retime

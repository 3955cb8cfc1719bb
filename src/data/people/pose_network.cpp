#include "data/people/pose_network.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr int kDetectionSide = 224;
constexpr int kLandmarksSide = 256;
constexpr int kValuesOfDetection = 12;
constexpr int kValuesOfPoint = 5;
constexpr int kPointsOfNetwork = kPosePoints + 6;  // those after the body's help to find it in the next frame
constexpr float kSmallestSide = 8;                 // of a region, pixels
constexpr float kLargestSide = 4;                  // of a region, of the frame's longer side
constexpr float kLeastDetection = 0.3F, kSureDetection = 0.5F;
constexpr float kSameHips = 0.12F;      // distance, of the larger region's side
constexpr float kFarthestHips = 0.35F;  // from the middle of the box, relative to its longer side

float sigmoid(float value) { return 1 / (1 + std::exp(-value)); }

cv::Point2f centre_of(const cv::Rect2f& box) { return (box.tl() + box.br()) * 0.5F; }

PoseRegion region_between(const cv::Point2f& hips, const cv::Point2f& top) {
  const cv::Point2f up = top - hips;
  return {hips, 2.5F * std::hypot(up.x, up.y), std::atan2(up.x, -up.y)};
}

/// From the frame to a picture of `side` pixels that shows a region upright.
cv::Matx23f to_region(const PoseRegion& region, int side) {
  const float scale = static_cast<float>(side) / region.side, half = 0.5F * static_cast<float>(side);
  const float c = std::cos(region.angle) * scale, s = std::sin(region.angle) * scale;
  const auto [x, y] = region.centre;
  return {c, s, half - c * x - s * y, -s, c, half + s * x - c * y};
}

cv::Matx23f inverse(const cv::Matx23f& map) {
  cv::Matx23f result;
  cv::invertAffineTransform(map, result);
  return result;
}

cv::Point2f mapped(const cv::Matx23f& map, const cv::Point2f& point) {
  const auto result = map * cv::Vec3f(point.x, point.y, 1);
  return {result[0], result[1]};
}

/// The picture of a region, without the aliasing of a strong reduction.
cv::Mat picture_of(const cv::Mat& rgb, const PoseRegion& region, int side) {
  const float reduction = region.side / static_cast<float>(side);
  cv::Mat source = rgb, picture;
  if (reduction > 2) cv::GaussianBlur(rgb, source, {}, 0.5 * reduction);
  cv::warpAffine(source, picture, to_region(region, side), {side, side}, cv::INTER_LINEAR);
  return picture;
}

/// The whole frame, and, where it is longer than wide or wider than long, squares along its longer side that overlap.
std::vector<PoseRegion> squares_of(const cv::Size& frame) {
  const auto width = static_cast<float>(frame.width), height = static_cast<float>(frame.height);
  const float shorter = std::min(width, height), rest = std::max(width, height) - shorter;
  std::vector<PoseRegion> squares{{{0.5F * width, 0.5F * height}, shorter + rest, 0}};
  const int steps = cvCeil(2 * rest / shorter);
  for (int i = 0; steps > 0 && i <= steps; ++i) {
    const float along = 0.5F * shorter + rest * static_cast<float>(i) / static_cast<float>(steps);
    squares.push_back(
        {width > height ? cv::Point2f(along, 0.5F * height) : cv::Point2f(0.5F * width, along), shorter, 0});
  }
  return squares;
}

/// Middles of the anchors of pose detection, relative to its picture: 2, 2 and 6 a cell of 8, 16 and 32 pixels.
std::vector<cv::Point2f> pose_anchors() {
  std::vector<cv::Point2f> anchors;
  for (const auto& [stride, count] : {std::pair{8, 2}, {16, 2}, {32, 6}}) {
    const int cells = kDetectionSide / stride;
    for (int cell = 0; cell < cells * cells; ++cell)
      anchors.insert(anchors.end(), count, cv::Point2f((cell % cells + 0.5F) / cells, (cell / cells + 0.5F) / cells));
  }
  return anchors;
}

std::vector<NetworkOutput> detection_outputs() {
  const auto count = static_cast<int>(pose_anchors().size());
  return {{"boxes", kValuesOfDetection * count}, {"scores", count}};
}

std::vector<NetworkOutput> landmark_outputs() {
  return {{"landmarks", kValuesOfPoint * kPointsOfNetwork}, {"presence", 1}, {"mask", kLandmarksSide * kLandmarksSide}};
}

/// A region that a picture can be taken of: points of a body that is none may give any size.
bool is_sound(const PoseRegion& region, const cv::Size& frame) {
  const auto longer = static_cast<float>(std::max(frame.width, frame.height));
  return region.side >= kSmallestSide && region.side <= kLargestSide * longer;
}

}  // namespace

PoseNetwork::PoseNetwork(const PeopleModels& models)
    : detection_(models.pose_detection, detection_outputs()), landmarks_(models.pose_landmarks, landmark_outputs()) {}

std::vector<PoseNetwork::Candidate> PoseNetwork::candidates(const cv::Mat& rgb, const PoseRegion& around,
                                                            float least_score) {
  static const auto anchors = pose_anchors();
  const auto outputs = detection_.run(picture_of(rgb, around, kDetectionSide), 1 / 127.5F, -1);
  const cv::Matx23f to_frame = inverse(to_region(around, kDetectionSide));
  std::vector<Candidate> found;
  for (int i = 0; i < static_cast<int>(anchors.size()); ++i) {
    const float score = sigmoid(outputs[1].ptr<float>()[i]);
    if (score < least_score) continue;
    const float* values = outputs[0].ptr<float>() + kValuesOfDetection * i;
    const auto point = [&](int number) {
      const cv::Point2f offset(values[4 + 2 * number], values[5 + 2 * number]);
      return mapped(to_frame, offset + anchors[i] * static_cast<float>(kDetectionSide));
    };
    const PoseRegion region = region_between(point(0), point(1));
    if (is_sound(region, rgb.size())) found.push_back({region, score});
  }
  return found;
}

PoseRegion PoseNetwork::region_of(const cv::Mat& rgb, const cv::Rect2f& box) {
  const float length = std::max(box.width, box.height);
  PoseRegion best = {centre_of(box), 1.25F * length, 0};
  float best_score = -1;
  for (const auto& [region, score] : candidates(rgb, {centre_of(box), 1.3F * length, 0}, kLeastDetection)) {
    const float distance = static_cast<float>(cv::norm(region.centre - centre_of(box))) / length;
    if (distance > kFarthestHips || score - distance < best_score) continue;
    best_score = score - distance;
    best = region;
  }
  return best;
}

std::vector<PoseRegion> PoseNetwork::regions_in(const cv::Mat& rgb) {
  std::vector<Candidate> found;
  for (const PoseRegion& square : squares_of(rgb.size())) {
    const auto in_square = candidates(rgb, square, kSureDetection);
    found.insert(found.end(), in_square.begin(), in_square.end());
  }
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  std::vector<PoseRegion> regions;
  for (const auto& [region, score] : found)
    if (std::none_of(regions.begin(), regions.end(), [&](const PoseRegion& other) {
          return cv::norm(other.centre - region.centre) < kSameHips * std::max(other.side, region.side);
        }))
      regions.push_back(region);
  return regions;
}

Pose PoseNetwork::estimate(const cv::Mat& rgb, const PoseRegion& region) {
  if (!is_sound(region, rgb.size())) return {};
  const auto outputs = landmarks_.run(picture_of(rgb, region, kLandmarksSide), 1 / 255.0F, 0);
  const cv::Matx23f to_frame = inverse(to_region(region, kLandmarksSide));
  const float* values = outputs[0].ptr<float>();
  const auto place = [&](int point) {
    return mapped(to_frame, {values[kValuesOfPoint * point], values[kValuesOfPoint * point + 1]});
  };
  Pose pose;
  for (int i = 0; i < kPosePoints; ++i) pose.points[i] = {place(i), sigmoid(values[kValuesOfPoint * i + 3])};
  pose.score = outputs[1].ptr<float>()[0];
  pose.next = region_between(place(kPosePoints), place(kPosePoints + 1));
  cv::Mat mask(kLandmarksSide, kLandmarksSide, CV_32F, const_cast<float*>(outputs[2].ptr<float>()));
  cv::exp(-mask, mask);
  mask = 1 / (1 + mask);
  cv::warpAffine(mask, pose.mask, to_region(region, kLandmarksSide), rgb.size(),
                 cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
  return pose;
}

}  // namespace retime

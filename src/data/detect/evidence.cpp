#include "data/detect/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/text.hpp"
#include "data/detect/blobs.hpp"
#include "data/detect/bootstrap_plate.hpp"

namespace retime {
namespace {

constexpr int kOutlineRoom = 10;       // pixels around an object
constexpr int kOutlines = 12;          // frames whose outlines are looked at
constexpr double kLeastSeconds = 0.5;  // that it is seen
constexpr int kLeastFrames = 6;        // likewise
constexpr double kLeastTravel = 1.0;
constexpr double kLeastLikeness = 0.4;
constexpr double kLeastSolidity = 0.33;
constexpr double kLeastOutline = 0.0;
constexpr double kKnownAround = 0.98;  // of the box around it, a little larger, that must be known

cv::Rect widened(const cv::Rect& box, int by) { return box + cv::Size(2 * by, 2 * by) - cv::Point(by, by); }

/// Whether the scene around an object is known, and all of it is in the picture.
bool lies_within(const BoxMask& mask, const cv::Mat& known) {
  const cv::Rect around = widened(mask.box, 3);
  if ((around & cv::Rect({}, known.size())) != around) return false;
  return cv::countNonZero(known(around)) >= kKnownAround * around.area();
}

cv::Point2d middle_of(const cv::Rect& box) { return {box.x + 0.5 * box.width, box.y + 0.5 * box.height}; }

double likeness_of(const BoxMask& a, BoxMask b) {
  b.box += (a.box.tl() + a.box.br() - b.box.tl() - b.box.br()) / 2;
  const int shared = shared_area(a, b);
  return static_cast<double>(shared) / (a.area() + b.area() - shared);
}

double solidity_of(const BoxMask& mask) {
  std::vector<cv::Point> points, hull;
  cv::findNonZero(mask.crop(), points);
  cv::convexHull(points, hull);
  return mask.area() / std::max(1.0, cv::contourArea(hull) + 0.5 * cv::arcLength(hull, true) + 1);
}

double farthest(const std::vector<cv::Point2d>& places) {
  double most = 0;
  for (const auto& place : places) most = std::max(most, cv::norm(place - places.front()));
  return most;
}

double outline_of(const BoxMask& mask, const cv::Mat& frame, const cv::Mat& backdrop) {
  const cv::Rect box = widened(mask.box, kOutlineRoom) & cv::Rect({}, frame.size());
  cv::Mat inside = cv::Mat::zeros(box.size(), CV_8U);
  mask.crop().copyTo(inside(mask.box - box.tl()));
  return outline_owner({box, inside}, edge_strength(frame), edge_strength(backdrop));
}

}  // namespace

Evidence evidence_of(const SparseMasks& track, const FrameSequence& source, const EmptyScene& scene) {
  Evidence evidence;
  std::vector<cv::Point2d> places;
  std::vector<int> within;
  const BoxMask* before = nullptr;
  double area = 0, likeness = 0;
  int pairs = 0, last = -2;
  for (const auto& [t, mask] : track) {
    if (!lies_within(mask, scene.known(t))) continue;
    within.push_back(t);
    area += mask.area();
    places.push_back(scene.plane().plate_point(middle_of(mask.box), t));
    evidence.solidity += solidity_of(mask);
    if (before && last == t - 1) likeness += likeness_of(*before, mask), ++pairs;
    before = &mask, last = t;
  }
  evidence.frames = static_cast<int>(within.size());
  if (within.empty()) return evidence;
  evidence.solidity /= evidence.frames;
  evidence.likeness = likeness / std::max(1, pairs);
  evidence.travel = farthest(places) / std::sqrt(area / evidence.frames);
  const std::size_t step = std::max<std::size_t>(1, within.size() / kOutlines);
  int looks = 0;
  for (std::size_t i = step / 2; i < within.size(); i += step, ++looks) {
    const cv::Mat frame = source.frame(within[i]);
    evidence.outline += outline_of(track.at(within[i]), frame, scene.backdrop(frame, within[i]));
  }
  evidence.outline /= std::max(1, looks);
  return evidence;
}

bool is_enough(const Evidence& evidence, double rate) {
  return evidence.frames >= std::max<double>(kLeastFrames, kLeastSeconds * rate) && evidence.travel >= kLeastTravel &&
         evidence.likeness >= kLeastLikeness && evidence.solidity >= kLeastSolidity &&
         evidence.outline >= kLeastOutline;
}

std::string text_of(const Evidence& evidence) {
  return fmt::format("{}, travel {:.1f}, likeness {:.2f}, solidity {:.2f}, outline {:.2f}",
                     counted(evidence.frames, "frame"), evidence.travel, evidence.likeness, evidence.solidity,
                     evidence.outline);
}

}  // namespace retime

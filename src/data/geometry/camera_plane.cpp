#include "data/geometry/camera_plane.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <sstream>

#include "core/error.hpp"
#include "core/text.hpp"

namespace retime {
namespace {

constexpr double kLargestPanorama = 16;  // times a frame's area
constexpr int kLongestSide = 30000;      // of the panorama, in full pixels; what resampling can address
constexpr int kRim = 2;                  // outermost pixels of a frame, resampled with pixels from beyond its border

cv::Matx33d matrix(const Homography& h) { return cv::Matx33d(h.data()); }

/// Corners of a picture's area: the outer borders of its pixels.
std::array<PlanePoint, 4> corners(Size size) {
  const double right = size.width - 0.5, bottom = size.height - 0.5;
  return {{{-0.5, -0.5}, {right, -0.5}, {right, bottom}, {-0.5, bottom}}};
}

/// Whether the whole picture lies before the camera as `h` has it: no part of it is mapped through infinity.
bool is_regular(const Homography& h, Size size) {
  const double sign = determinant(h);
  for (const PlanePoint& p : corners(size)) {
    const double w = h[6] * p.x + h[7] * p.y + h[8];
    if (!(w * sign > 0)) return false;
  }
  return true;
}

[[noreturn]] void too_large(int frame, const std::string& what) {
  throw Error(
      fmt::format("the camera's path fits into no common plane (frame {} {}): cut the clip with --first-frame and "
                  "--last-frame, or check the homographies",
                  frame, what));
}

/// Linear map from pixels of a picture with `from` pixels over [begin, end] to these coordinates.
cv::Matx33d coordinates(double left, double right, int width, double top, double bottom, int height) {
  const double kx = (right - left) / width, ky = (bottom - top) / height;
  return {kx, 0, left + kx / 2, 0, ky, top + ky / 2, 0, 0, 1};
}

cv::Point2d applied(const cv::Matx33d& h, const cv::Point2d& point) {
  const cv::Vec3d q = h * cv::Vec3d(point.x, point.y, 1);
  return {q[0] / q[2], q[1] / q[2]};
}

[[noreturn]] void fail(const std::filesystem::path& path, int line, const std::string& what) {
  throw Error(
      fmt::format("{}, line {}: {}: write 'size: W H', 'bounds: xmin xmax ymin ymax', then nine numbers per frame",
                  path.string(), line, what));
}

template <std::size_t N>
std::array<double, N> numbers(const std::string& text, const std::filesystem::path& path, int line) {
  std::array<double, N> values{};
  std::istringstream in(text);
  for (auto& value : values)
    if (!(in >> value) || !std::isfinite(value)) fail(path, line, fmt::format("expected {} numbers", N));
  if (std::string rest; in >> rest) fail(path, line, fmt::format("more than {} numbers", N));
  return values;
}

std::string after_key(const std::string& line, const std::string& key, const std::filesystem::path& path, int number) {
  if (!line.starts_with(key)) fail(path, number, "expected '" + key + "'");
  return line.substr(key.size());
}

}  // namespace

void update_bounds(CameraPath& camera, Size training_size, int scale) {
  constexpr double kFar = std::numeric_limits<double>::max();
  auto& [left, right, top, bottom] = camera.bounds = {kFar, -kFar, kFar, -kFar};
  for (std::size_t t = 0; t < camera.frame_from_plane.size(); ++t) {
    const int frame = static_cast<int>(t);
    const Homography plane_from_frame = inverse(camera.frame_from_plane[t]);
    if (!is_regular(plane_from_frame, training_size)) too_large(frame, "is turned away from it by 90 degrees or more");
    for (const PlanePoint& corner : corners(training_size)) {
      const PlanePoint p = project(plane_from_frame, corner);
      left = std::min(left, p.x), right = std::max(right, p.x);
      top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
    const double width = (right - left) * scale, height = (bottom - top) * scale;
    const double ratio = width * height / (static_cast<double>(training_size.area()) * scale * scale);
    if (!(ratio <= kLargestPanorama) || width > kLongestSide || height > kLongestSide)
      too_large(frame,
                fmt::format("makes the panorama {:.0f}x{:.0f} pixels, {:.0f} times a frame", width, height, ratio));
  }
  // Whole pixels, on the grid of frame 0's pixels.
  const auto grid = [&](double x, double (*round)(double)) { return round((x + 0.5) * scale) / scale - 0.5; };
  const auto low = [](double x) { return std::floor(x + 1e-6); };
  const auto high = [](double x) { return std::ceil(x - 1e-6); };
  left = grid(left, low), right = grid(right, high), top = grid(top, low), bottom = grid(bottom, high);
}

CameraPlane::CameraPlane(Size picture) : training_size_(picture), picture_(picture), plate_size_(picture) {}

CameraPlane::CameraPlane(const CameraPath& camera, Size training_size, Size picture)
    : camera_(camera), training_size_(training_size), picture_(picture), plate_size_(picture) {
  if (camera.frame_from_plane.empty()) return;
  const auto& [left, right, top, bottom] = camera.bounds;
  plate_size_ = {std::max(1, static_cast<int>(std::lround((right - left) * picture.width / training_size.width))),
                 std::max(1, static_cast<int>(std::lround((bottom - top) * picture.height / training_size.height)))};
  const cv::Matx33d plane_from_plate = coordinates(left, right, plate_size_.width, top, bottom, plate_size_.height);
  const cv::Matx33d training_from_picture =
      coordinates(-0.5, training_size.width - 0.5, picture.width, -0.5, training_size.height - 0.5, picture.height);
  const cv::Matx33d plate_from_plane = plane_from_plate.inv();
  for (const Homography& h : camera.frame_from_plane)
    plate_from_frame_.push_back(plate_from_plane * matrix(inverse(h)) * training_from_picture);
}

cv::Rect CameraPlane::footprint(int frame) const {
  const cv::Rect plate(0, 0, plate_size_.width, plate_size_.height);
  if (!moves()) return plate;
  Homography h;
  std::copy_n(plate_from_frame_.at(static_cast<std::size_t>(frame)).val, 9, h.begin());
  double left = plate_size_.width, right = 0, top = plate_size_.height, bottom = 0;
  for (const PlanePoint& corner : corners(picture_)) {
    const PlanePoint p = project(h, corner);
    left = std::min(left, p.x), right = std::max(right, p.x);
    top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  }
  const cv::Point first(cvFloor(left), cvFloor(top)), last(cvCeil(right), cvCeil(bottom));
  return cv::Rect(first, last + cv::Point(1, 1)) & plate;
}

cv::Mat CameraPlane::to_plate(const cv::Mat& picture, int frame, const cv::Rect& box, int interpolation) const {
  if (!moves()) return picture(box);
  const cv::Matx33d shift(1, 0, box.x, 0, 1, box.y, 0, 0, 1);
  const cv::Matx33d picture_from_box = plate_from_frame_.at(static_cast<std::size_t>(frame)).inv() * shift;
  cv::Mat result;
  cv::warpPerspective(picture, result, picture_from_box, box.size(), interpolation | cv::WARP_INVERSE_MAP,
                      cv::BORDER_REPLICATE);
  return result;
}

cv::Mat CameraPlane::coverage(int frame, const cv::Rect& box) const {
  if (!moves()) return {box.size(), CV_8U, cv::Scalar(255)};
  cv::Mat inside(picture_.height, picture_.width, CV_8U, cv::Scalar(128)), result;
  if (picture_.width > 2 * kRim && picture_.height > 2 * kRim)
    inside(cv::Rect(kRim, kRim, picture_.width - 2 * kRim, picture_.height - 2 * kRim)).setTo(255);
  const cv::Matx33d shift(1, 0, box.x, 0, 1, box.y, 0, 0, 1);
  const cv::Matx33d picture_from_box = plate_from_frame_.at(static_cast<std::size_t>(frame)).inv() * shift;
  cv::warpPerspective(inside, result, picture_from_box, box.size(), cv::INTER_NEAREST | cv::WARP_INVERSE_MAP,
                      cv::BORDER_CONSTANT);
  return result;
}

cv::Mat CameraPlane::to_frame(const cv::Mat& plate, int frame, int interpolation) const {
  if (!moves()) return plate;
  cv::Mat result;
  cv::warpPerspective(plate, result, plate_from_frame_.at(static_cast<std::size_t>(frame)),
                      cv::Size(picture_.width, picture_.height), interpolation | cv::WARP_INVERSE_MAP,
                      cv::BORDER_REPLICATE);
  return result;
}

cv::Point2d CameraPlane::plate_point(const cv::Point2d& point, int frame) const {
  return moves() ? applied(plate_from_frame_.at(static_cast<std::size_t>(frame)), point) : point;
}

cv::Point2d CameraPlane::moved_point(const cv::Point2d& point, int from, int to) const {
  if (!moves()) return point;
  return applied(plate_from_frame_.at(static_cast<std::size_t>(to)).inv(), plate_point(point, from));
}

CameraPath read_homographies(const std::filesystem::path& path, Size size, int frame_count) {
  std::ifstream in(path);
  if (!in) throw Error("cannot read the homographies " + path.string() + " (no such file): check the path");
  std::string line;
  std::getline(in, line);
  const auto file_size = numbers<2>(after_key(line, "size:", path, 1), path, 1);
  if (file_size[0] <= 0 || file_size[1] <= 0) fail(path, 1, "the size is not positive");
  const double sx = size.width / file_size[0], sy = size.height / file_size[1];
  std::getline(in, line);
  const auto bounds = numbers<4>(after_key(line, "bounds:", path, 2), path, 2);
  if (bounds[0] >= bounds[1] || bounds[2] >= bounds[3]) fail(path, 2, "the bounds are empty");

  CameraPath camera;
  camera.bounds = {bounds[0] * sx, bounds[1] * sx, bounds[2] * sy, bounds[3] * sy};
  for (int number = 3; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto h = numbers<9>(line, path, number);
    if (std::abs(determinant(h)) < 1e-12) fail(path, number, "the matrix cannot be inverted");
    camera.frame_from_plane.push_back(in_scaled_pixels(h, sx, sy));
  }
  if (static_cast<int>(camera.frame_from_plane.size()) < frame_count)
    throw Error(fmt::format("{} holds {} for {} frames: give one per frame, or cut the clip with --last-frame",
                            path.string(), counted(std::ssize(camera.frame_from_plane), "homography", "homographies"),
                            frame_count));
  camera.frame_from_plane.resize(static_cast<std::size_t>(frame_count));
  return camera;
}

}  // namespace retime

#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <vector>

#include "format/scene.hpp"

namespace retime {

/// Brings `camera.bounds` up to date: the rectangle of the plane that covers all frames, pixel borders included, its
/// sides a whole number of full pixels. `scale`: full size over training size. Throws Error if a frame has no place in
/// the plane or the panorama would be unreasonably large.
void update_bounds(CameraPath& camera, Size training_size, int scale);

/// Takes pictures from the frames of a clip to the plate (the common plane) and back. Frames and plate may have any
/// resolution: frames are of the size given, and the plate's pixels are as large as theirs.
class CameraPlane {
 public:
  /// A camera that stands still: plate and frames coincide, and nothing is resampled.
  explicit CameraPlane(Size picture);
  /// A moving camera with `camera.bounds` up to date; without homographies it stands still.
  CameraPlane(const CameraPath& camera, Size training_size, Size picture);

  bool moves() const { return !plate_from_frame_.empty(); }
  Size plate_size() const { return plate_size_; }
  /// The part of the plate that frame `frame` may show.
  cv::Rect footprint(int frame) const;
  /// Pixels `box` of the plate as the frame's picture shows them; beyond its border, the border goes on.
  cv::Mat to_plate(const cv::Mat& picture, int frame, const cv::Rect& box, int interpolation) const;
  /// CV_8U: 255 in the pixels of `box` that the frame shows, 128 on its outermost pixels, 0 elsewhere.
  cv::Mat coverage(int frame, const cv::Rect& box) const;
  /// The frame's view of a picture of the plate.
  cv::Mat to_frame(const cv::Mat& plate, int frame, int interpolation) const;
  /// Where a point of the frame's picture lies on the plate.
  cv::Point2d plate_point(const cv::Point2d& point, int frame) const;
  /// Where a point of one frame's picture lies in that of another one, if it stands still.
  cv::Point2d moved_point(const cv::Point2d& point, int from, int to) const;
  /// The same camera for pictures of another size.
  CameraPlane resized(Size picture) const { return {camera_, training_size_, picture}; }

 private:
  CameraPath camera_;
  Size training_size_, picture_, plate_size_;
  std::vector<cv::Matx33d> plate_from_frame_;  // in pixels of plate and picture; empty = still
};

/// Reads a homographies.txt of the released tools: "size: W H", "bounds: xmin xmax ymin ymax", then one row-major 3x3
/// per frame that maps the first frame's plane to that frame. The result is scaled to pixels of `size`. Throws Error
/// naming the line; also when there are fewer matrices than `frame_count`.
CameraPath read_homographies(const std::filesystem::path& path, Size size, int frame_count);

}  // namespace retime

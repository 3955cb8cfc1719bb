#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/background/plate.hpp"
#include "data/decode/frame_source.hpp"
#include "data/geometry/camera_plane.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// A clip's scene as each of its frames would show it without objects, and what a frame shows besides.
class EmptyScene {
 public:
  /// Before a camera that stands still.
  explicit EmptyScene(Plate plate);
  /// Before a camera that moves: the median, in `plane`, of what at most `samples` frames of `source` show, without the
  /// objects in `known` and then without what differs from it. Who stands in one place for more than half of the time
  /// in which frames show that place becomes a part of it.
  EmptyScene(const FrameSequence& source, const std::vector<MaskTrack>& known, const CameraPlane& plane, int samples,
             bool show_progress = false);

  const CameraPlane& plane() const { return plane_; }
  /// The empty scene (RGB, CV_8UC3) lit as `frame` (frame `index`) is.
  cv::Mat backdrop(const cv::Mat& frame, int index) const;
  /// CV_8U, 255 where enough frames show the scene for the plate to be known.
  cv::Mat known(int index) const;
  /// CV_8U (0 or 255): bodies that frame `index` shows before the empty scene. A plate that does not lie exactly where
  /// the frame has it, before a moving camera, makes none.
  cv::Mat bodies(const cv::Mat& frame, int index, bool refine) const;

 private:
  Plate view(int index) const;
  cv::Mat changes(const cv::Mat& frame, int index) const;

  Plate plate_;
  CameraPlane plane_;
};

}  // namespace retime

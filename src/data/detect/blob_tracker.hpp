#pragma once

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "data/detect/blobs.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// What the tracker knows of one object while it follows it.
struct TrackedObject {
  SparseMasks frames;              ///< up to the current frame
  BoxMask shape;                   ///< its last whole mask, moved to where it is expected
  cv::Point2f velocity{0.F, 0.F};  ///< pixels a frame, besides what the camera does
  cv::Mat colours;                 ///< histogram of its whole appearances
  int seen = 0;                    ///< frames with a mask
  int last_seen = -1;
  int independent = 0;        ///< frames in which it was large enough and no part of a larger one
  bool whole_before = false;  ///< the last mask was not cut out of a merged blob
  bool ended = false;         ///< left the picture or lost for too long
};

/// Follows blobs from frame to frame: fragments of one object are gathered, objects that merge into one blob are told
/// apart by colour and expected shape until they part again.
class BlobTracker {
 public:
  /// `max_gap`: frames an object may be lost inside the picture. `min_area`: pixels of the smallest object.
  BlobTracker(Size size, int max_gap, int min_area) : size_(size), max_gap_(max_gap), min_area_(min_area) {}

  /// Where a point that stands still has gone from the frame before to this one.
  using CameraStep = std::function<cv::Point2d(const cv::Point2d&)>;

  /// Takes the next frame (RGB) and its blobs; `step`: of a camera that moves.
  void add(const cv::Mat& frame, const std::vector<Blob>& blobs, const CameraStep& step = {});

  /// All objects so far.
  const std::vector<TrackedObject>& objects() const { return objects_; }

 private:
  struct Group {
    std::vector<std::size_t> objects, blobs;
  };

  std::vector<Group> group_overlaps(const std::vector<Blob>& blobs) const;
  void assign_group(const cv::Mat& frame, const std::vector<Blob>& blobs, Group group);
  void absorb_fragments(Group& group);
  bool assign_one_to_one(const cv::Mat& frame, const std::vector<Blob>& blobs, const Group& group);
  void assign_all_to_one(const cv::Mat& frame, const std::vector<Blob>& blobs, const Group& group);
  void place_orphan(const cv::Mat& frame, const Blob& blob);
  void observe(const cv::Mat& frame, TrackedObject& object, const BoxMask& mask, bool whole);
  void start(const Blob& blob);
  void predict(const CameraStep& step);
  void count_independent();
  void close_lost();
  bool at_border(const cv::Rect& box) const;

  Size size_;
  int max_gap_, min_area_;
  int frame_index_ = -1;
  std::vector<TrackedObject> objects_;
};

/// Divides the merged `blob` among `objects` (their `shape` is where they are expected): one mask each, maybe empty.
std::vector<BoxMask> divide_blob(const cv::Mat& frame, const BoxMask& blob,
                                 const std::vector<const TrackedObject*>& objects);

}  // namespace retime

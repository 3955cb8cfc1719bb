#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/complete/placement.hpp"
#include "data/masks/mask_track.hpp"

namespace retime {

/// How a silhouette fits a frame.
struct SilhouetteFit {
  double misfit = 0;    ///< pixels where it contradicts the frame, as a share of the body
  cv::Point2d shift{};  ///< from where the path has it to where it fits best, in heights of the body
};

/// What a frame tells of an object that others hide in part.
struct PartView {
  BoxMask visible;      ///< its mask; may be empty
  cv::Mat covered;      ///< CV_8U, whole frame, 255 where others are in front of it
  BodyPlacement place;  ///< where its path has it
  double reach = 0;     ///< how far it may be from there, in heights of the body
};

/// Whole silhouettes of one object and their mirror images (what is seen from the left looks like it from the right),
/// brought to one place and size so that they can be compared.
class Silhouettes {
 public:
  /// Of the `frames` (ascending, not empty) in which `masks` shows the object whole; `path`: where it is in every
  /// frame. Both must outlive this.
  Silhouettes(const std::vector<BoxMask>& masks, const std::vector<BodyPlacement>& path, std::vector<int> frames);

  /// First those as they are, then the mirrored ones.
  int count() const { return static_cast<int>(pictures_.size()); }
  /// Which one is that of a frame as it is; -1 = none.
  int index_of(int frame) const;
  /// Pixels that a body has at `place`.
  double body_pixels(const BodyPlacement& place) const;
  /// How well `next` may follow after `k`: 0 if it does in the clip, else by what share of the body it differs from
  /// what does.
  double break_between(int k, int next) const;
  /// How well each fits a frame, and where.
  std::vector<SilhouetteFit> fit(const PartView& view) const;
  /// Silhouette `k` at `place`, cut to `area` of the frame: CV_8U, 0 or 255.
  cv::Mat at(int k, const BodyPlacement& place, const cv::Rect& area) const;

 private:
  void compare();
  double moving_difference(const cv::Mat_<double>& still, int k, int other) const;
  int neighbour(int k, int step) const;
  bool is_mirrored(int k) const { return k >= static_cast<int>(frames_.size()); }
  int frame_of(int k) const { return frames_[static_cast<std::size_t>(k) % frames_.size()]; }
  cv::Mat normal_view(const PartView& view, int margin) const;
  SilhouetteFit best_shift(const cv::Mat& told, double seen, const cv::Mat& picture, double reach) const;

  const std::vector<BoxMask>& masks_;
  const std::vector<BodyPlacement>& path_;
  std::vector<int> frames_;
  BodyPlacement normal_;           ///< where and how large all are when they are compared
  cv::Rect area_;                  ///< of the pictures, the middle of the body at the origin
  std::vector<cv::Mat> pictures_;  ///< CV_32F, 0 to 1
  cv::Mat_<double> differences_;   ///< of all from all in shape and motion, as shares of the body
  double body_ = 1;                ///< pixels of a body
};

}  // namespace retime

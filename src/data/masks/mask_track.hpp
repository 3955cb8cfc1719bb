#pragma once

#include <map>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "format/image.hpp"

namespace retime {

/// The mask of one object in one frame. Its pixels are kept as runs, a kilobyte or so, so that a long clip fits into
/// memory.
struct BoxMask {
  cv::Rect box;  ///< in pixels of the frame; empty when the object is absent

  BoxMask() = default;
  /// `crop`: CV_8U of the size of `where`, 0 where the object is not.
  BoxMask(const cv::Rect& where, const cv::Mat& crop);
  /// From what `runs` gave. Throws Error when they do not fill the box.
  BoxMask(const cv::Rect& where, std::vector<uchar> runs);

  bool empty() const { return box.empty(); }
  /// CV_8U, 0 or 255, of the box's size. Unpacked by every call.
  cv::Mat crop() const;
  int area() const { return empty() ? 0 : area_; }  ///< pixels of the object
  /// The mask in its box, packed; nothing when it is empty.
  std::span<const uchar> runs() const { return empty() ? std::span<const uchar>{} : *runs_; }

 private:
  std::shared_ptr<const std::vector<uchar>> runs_;  ///< see `packed` in mask_track.cpp
  int area_ = 0;
};

/// Masks by frame; the object is absent from frames that are not named.
using SparseMasks = std::map<int, BoxMask>;

/// One object over the whole clip: `frames` holds one entry for each frame.
struct MaskTrack {
  std::string name;
  std::vector<BoxMask> frames;
  std::vector<std::string> notes{};  ///< what people should know of how it was found, a line each, without the name
};

/// Crops a CV_8U mask of a whole frame (object where > 127) to its bounding box.
BoxMask box_mask_from_full(const cv::Mat& mask);

/// The CV_8U mask (0 or 255) of a whole frame of `size`. Throws Error if the box lies outside.
cv::Mat full_mask(const BoxMask& mask, Size size);

/// Sets `full` (CV_8U, whole frame) to 255 wherever the mask is set.
void paint_mask(const BoxMask& mask, cv::Mat& full);

/// CV_8U, 255 wherever any of the tracks has its object in frame `frame_index`.
cv::Mat union_mask(const std::vector<MaskTrack>& tracks, int frame_index, Size size);

/// The union of two masks of one frame, either of which may be empty.
BoxMask united_mask(const BoxMask& a, const BoxMask& b);

/// What none of `others`, masks of the same frame, has of a mask.
BoxMask mask_without(const BoxMask& mask, const std::vector<BoxMask>& others);

/// Number of pixels of the object.
int mask_area(const BoxMask& mask);

/// The tracks as frames of another size have them.
std::vector<MaskTrack> scaled_tracks(std::vector<MaskTrack> tracks, Size from, Size to);

/// First and last frame with a non-empty mask, -1 where the track is empty.
int first_frame(const MaskTrack& track);
int last_frame(const MaskTrack& track);

/// The masks of all tracks in one frame, in the order of the tracks.
std::vector<BoxMask> masks_of_frame(const std::vector<MaskTrack>& tracks, int frame_index);

}  // namespace retime

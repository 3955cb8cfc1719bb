#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"
#include "format/image.hpp"
#include "format/scene.hpp"

namespace retime {

/// Width in pixels of the unknown band around a mask: 10 at a picture width of 448 (a dilation by a kernel of
/// 20), in proportion otherwise.
int trimap_band(int picture_width);

/// CV_8U trimap of a CV_8U mask (object where > 127): 255 object, 128 within `band_px` (square kernel), 0 elsewhere.
cv::Mat make_trimap(const cv::Mat& mask, int band_px);

/// One box per frame that the object's texture is fixed to: smoothed over time and completed beyond the picture's
/// border where the object is cut by it. Empty where the object is absent.
std::vector<cv::Rect2f> texture_boxes(const MaskTrack& track, Size size);

/// IUV map of an object without body parts: CV_8UC3 (part, U * 255, V * 255) of the whole frame, part 1 inside the mask
/// with U, V the position in `texture_box`, 0 elsewhere.
cv::Mat box_uv(const BoxMask& mask, const cv::Rect2f& texture_box, Size size);

/// CV_8U, 255 where an IUV map (CV_8UC3) shows a part.
cv::Mat part_mask(const cv::Mat& iuv);

/// Track indices per frame, back to front: whose mask reaches further down is nearer. Two objects swap only when they
/// do so clearly or when their boxes do not overlap. Who jumps is where the ground is left and met again. Every track
/// is listed in every frame. `rate`: frames per second.
std::vector<std::vector<int>> depth_order(const std::vector<MaskTrack>& tracks, Size size, double rate);

/// Row where each object meets the ground: the lower border of its mask (frames of `full_size`), with a moving camera
/// mapped to the plane, during a jump as before and after it. [T, N] in pixels of the training size, NaN where the
/// object has no mask. `rate`: frames per second.
std::vector<float> ground_contact(const std::vector<MaskTrack>& tracks, const CameraPath& camera, Size full_size,
                                  Size training_size, double rate);

}  // namespace retime

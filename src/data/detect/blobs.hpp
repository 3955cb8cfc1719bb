#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/masks/mask_track.hpp"

namespace retime {

/// A connected part of a foreground mask.
struct Blob {
  BoxMask mask;
  int area = 0;
  cv::Mat colours;  ///< CV_32F, 1 x 512: normalised histogram of its RGB colours
};

/// Index of a colour in a blob's histogram.
int colour_bin(const cv::Vec3b& rgb);

/// Normalised histogram of the colours under a mask.
cv::Mat colour_histogram(const cv::Mat& frame, const BoxMask& mask);

/// Share of two histograms that they have in common, 0..1.
float histogram_overlap(const cv::Mat& a, const cv::Mat& b);

/// Parts of a CV_8U mask of at least `min_area` pixels, with pinholes closed.
std::vector<Blob> find_blobs(const cv::Mat& frame, const cv::Mat& mask, int min_area);

/// Number of pixels that two masks share.
int shared_area(const BoxMask& a, const BoxMask& b);

/// Share of `part` that lies in `whole`, over all frames in which both are there; 0 where there are none.
double share_in(const MaskTrack& part, const MaskTrack& whole);

/// Distance in pixels between two boxes, 0 where they touch.
float box_gap(const cv::Rect& a, const cv::Rect& b);

/// Area of a fragment relative to the whole, at most.
inline constexpr float kFragmentShare = 0.6F;

/// True if a smaller part lies where the rest of an upright object could be: beside its box, or above or below it with
/// a gap as bodies have whose clothes look like the background.
bool adjoins(const cv::Rect& part, const cv::Rect& whole);

/// True if `part` adjoined `whole`, and was smaller, for most of its life.
bool is_fragment(const SparseMasks& part, const SparseMasks& whole);

/// Adds the masks of `part` to those of `whole` and empties `part`.
void absorb(SparseMasks& part, SparseMasks& whole);

}  // namespace retime

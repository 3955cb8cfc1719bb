#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "data/background/plate.hpp"
#include "data/decode/frame_source.hpp"

namespace retime {

/// A plate of a static camera's clip of which nothing is known yet: people who stand for most of the clip are
/// recognised as such, because the outline where frame and plate differ is an edge of the plate and not of the frame.
/// Takes at most `samples` frames.
Plate bootstrap_plate(const FrameSequence& source, int samples, bool show_progress = false);

/// A connected region where two pictures differ.
struct Region {
  cv::Rect box;  ///< with some room around the region
  cv::Mat mask;  ///< CV_8U, of the box's size
};

/// Regions where two pictures (RGB, CV_8UC3) of the same scene under the same light differ, specks left out.
std::vector<Region> changed_regions(const cv::Mat& a, const cv::Mat& b);

/// CV_8U mask of the regions, grown by `margin` pixels.
cv::Mat paint_regions(const std::vector<Region>& regions, cv::Size size, int margin);

/// Strength of the edges of a picture (RGB, CV_8UC3), CV_32F.
cv::Mat edge_strength(const cv::Mat& picture);

/// Whose edge the outline of a region is, from the edge strengths of two pictures: near 1 that of `a`, which then shows
/// an object there, near -1 that of `b`, near 0 no telling.
float outline_owner(const Region& region, const cv::Mat& edges_a, const cv::Mat& edges_b);

}  // namespace retime

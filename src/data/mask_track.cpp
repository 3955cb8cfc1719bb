#include "data/mask_track.hpp"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>

#include "core/error.hpp"

namespace retime {

BoxMask box_mask_from_full(const cv::Mat& mask) {
  const cv::Mat binary = mask > 127;
  BoxMask result;
  result.box = cv::boundingRect(binary);
  if (!result.box.empty()) result.crop = binary(result.box).clone();
  return result;
}

cv::Mat full_mask(const BoxMask& mask, Size size) {
  cv::Mat full = cv::Mat::zeros(size.height, size.width, CV_8U);
  paint_mask(mask, full);
  return full;
}

void paint_mask(const BoxMask& mask, cv::Mat& full) {
  if (mask.empty()) return;
  const cv::Rect& box = mask.box;
  if ((box & cv::Rect(0, 0, full.cols, full.rows)) != box) {
    throw Error(
        fmt::format("mask does not fit its frame (box {}x{} at {},{}, frame {}x{}): use masks of the video's size",
                    box.width, box.height, box.x, box.y, full.cols, full.rows));
  }
  full(box).setTo(255, mask.crop);
}

cv::Mat union_mask(const std::vector<MaskTrack>& tracks, int frame_index, Size size) {
  cv::Mat full = cv::Mat::zeros(size.height, size.width, CV_8U);
  for (const BoxMask& mask : masks_of_frame(tracks, frame_index)) paint_mask(mask, full);
  return full;
}

BoxMask united_mask(const BoxMask& a, const BoxMask& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  BoxMask result{a.box | b.box, {}};
  result.crop = cv::Mat::zeros(result.box.size(), CV_8U);
  for (const BoxMask* mask : {&a, &b}) result.crop(mask->box - result.box.tl()).setTo(255, mask->crop);
  return result;
}

int mask_area(const BoxMask& mask) { return mask.empty() ? 0 : cv::countNonZero(mask.crop); }

int first_frame(const MaskTrack& track) {
  for (std::size_t t = 0; t < track.frames.size(); ++t) {
    if (!track.frames[t].empty()) return static_cast<int>(t);
  }
  return -1;
}

int last_frame(const MaskTrack& track) {
  for (std::size_t t = track.frames.size(); t > 0; --t) {
    if (!track.frames[t - 1].empty()) return static_cast<int>(t - 1);
  }
  return -1;
}

std::vector<BoxMask> masks_of_frame(const std::vector<MaskTrack>& tracks, int frame_index) {
  std::vector<BoxMask> masks;
  masks.reserve(tracks.size());
  for (const MaskTrack& track : tracks) masks.push_back(track.frames.at(static_cast<std::size_t>(frame_index)));
  return masks;
}

}  // namespace retime

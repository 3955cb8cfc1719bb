#include "data/masks/mask_track.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/error.hpp"

namespace retime {
namespace {

void append_number(std::size_t value, std::vector<uchar>& bytes) {
  for (; value >= 128; value >>= 7) bytes.push_back(static_cast<uchar>(128 | (value & 127)));
  bytes.push_back(static_cast<uchar>(value));
}

/// Lengths of the runs of pixels row by row, those outside and inside the object by turns, beginning outside; seven
/// bits a byte, lowest first.
std::vector<uchar> packed(const cv::Mat& crop) {
  std::vector<uchar> bytes;
  bool inside = false;
  std::size_t length = 0;
  for (int y = 0; y < crop.rows; ++y) {
    const uchar* row = crop.ptr(y);
    for (int x = 0; x < crop.cols; ++x) {
      if ((row[x] != 0) != inside) {
        append_number(std::exchange(length, 0), bytes);
        inside = !inside;
      }
      ++length;
    }
  }
  append_number(length, bytes);
  bytes.shrink_to_fit();
  return bytes;
}

/// Calls `use(length, inside)` for each run.
template <class Use>
void for_each_run(const std::vector<uchar>& bytes, Use use) {
  bool inside = false;
  std::size_t length = 0;
  int shift = 0;
  for (const uchar byte : bytes) {
    length |= static_cast<std::size_t>(byte & 127) << shift;
    shift = std::min(shift + 7, 56);
    if (byte >= 128) continue;
    use(length, inside);
    inside = !inside;
    length = 0;
    shift = 0;
  }
}

}  // namespace

BoxMask::BoxMask(const cv::Rect& where, std::vector<uchar> runs) : box(where) {
  if (box.empty()) return;
  std::size_t pixels = 0, own = 0;
  for_each_run(runs, [&](std::size_t length, bool inside) {
    pixels += length;
    if (inside) own += length;
  });
  if (runs.empty() || runs.back() >= 128 || pixels != static_cast<std::size_t>(box.area()))
    throw Error("a stored mask is damaged (its runs do not fill its box): remove the scene and prepare it again");
  area_ = static_cast<int>(own);
  runs_ = std::make_shared<const std::vector<uchar>>(std::move(runs));
}

BoxMask::BoxMask(const cv::Rect& where, const cv::Mat& crop) : box(where) {
  if (box.empty()) return;
  runs_ = std::make_shared<const std::vector<uchar>>(packed(crop));
  area_ = cv::countNonZero(crop);
}

cv::Mat BoxMask::crop() const {
  cv::Mat crop = cv::Mat::zeros(box.size(), CV_8U);
  if (empty()) return crop;
  uchar* pixel = crop.data;
  for_each_run(*runs_, [&](std::size_t length, bool inside) {
    if (inside) std::fill_n(pixel, length, uchar{255});
    pixel += length;
  });
  return crop;
}

BoxMask box_mask_from_full(const cv::Mat& mask) {
  const cv::Mat binary = mask > 127;
  const cv::Rect box = cv::boundingRect(binary);
  return box.empty() ? BoxMask{} : BoxMask(box, binary(box));
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
  full(box).setTo(255, mask.crop());
}

cv::Mat union_mask(const std::vector<MaskTrack>& tracks, int frame_index, Size size) {
  cv::Mat full = cv::Mat::zeros(size.height, size.width, CV_8U);
  for (const BoxMask& mask : masks_of_frame(tracks, frame_index)) paint_mask(mask, full);
  return full;
}

BoxMask united_mask(const BoxMask& a, const BoxMask& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  const cv::Rect box = a.box | b.box;
  cv::Mat crop = cv::Mat::zeros(box.size(), CV_8U);
  for (const BoxMask* mask : {&a, &b}) crop(mask->box - box.tl()).setTo(255, mask->crop());
  return {box, crop};
}

std::vector<MaskTrack> scaled_tracks(std::vector<MaskTrack> tracks, Size from, Size to) {
  if (from == to) return tracks;
  for (MaskTrack& track : tracks)
    for (BoxMask& mask : track.frames) {
      if (mask.empty()) continue;
      cv::Mat full;
      cv::resize(full_mask(mask, from), full, {to.width, to.height}, 0, 0, cv::INTER_LINEAR);
      mask = box_mask_from_full(full);
    }
  return tracks;
}

BoxMask mask_without(const BoxMask& mask, const std::vector<BoxMask>& others) {
  if (mask.empty()) return mask;
  cv::Mat crop = mask.crop();
  for (const BoxMask& other : others) {
    const cv::Rect common = mask.box & other.box;
    if (!common.empty()) crop(common - mask.box.tl()).setTo(0, other.crop()(common - other.box.tl()));
  }
  BoxMask rest = box_mask_from_full(crop);
  if (!rest.empty()) rest.box += mask.box.tl();
  return rest;
}

int mask_area(const BoxMask& mask) { return mask.area(); }

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

#include "data/complete/contacts.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

constexpr int kRimOfWidth = 224;     // a rim is this part of the picture's width
constexpr int kLeastRim = 3;         // pixels by which painted masks are often too large
constexpr double kWideShare = 0.02;  // of the larger mask: rims of thin limbs and of slivers are less
constexpr int kShortBreak = 2;       // frames without touch that do not end a contact

cv::Rect grown(const cv::Rect& box, int by) {
  return {box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by};
}

/// A mask within `area` of the frame, CV_8U.
cv::Mat mask_within(const BoxMask& mask, const cv::Rect& area) {
  cv::Mat result = cv::Mat::zeros(area.size(), CV_8U);
  const cv::Rect common = mask.box & area;
  if (!common.empty()) mask.crop()(common - mask.box.tl()).copyTo(result(common - area.tl()));
  return result;
}

cv::Mat square_of(int radius) { return cv::Mat::ones(2 * radius + 1, 2 * radius + 1, CV_8U); }

bool touch(const BoxMask& a, const BoxMask& b, int rim) {
  if (a.empty() || b.empty()) return false;
  const cv::Rect area = grown(a.box, rim) & b.box;
  if (area.empty()) return false;
  const cv::Rect wide = grown(area, rim);
  cv::Mat near_a;
  cv::dilate(mask_within(a, wide), near_a, square_of(rim));
  return cv::countNonZero(near_a & mask_within(b, wide)) > 0;
}

bool overlap_widely(const BoxMask& a, const BoxMask& b, int rim) {
  const cv::Rect area = a.box & b.box;
  if (area.empty()) return false;
  const cv::Rect wide = grown(area, 1);  // what lies outside counts as not common
  cv::Mat common = mask_within(a, wide) & mask_within(b, wide);
  cv::erode(common, common, square_of(rim), {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  return cv::countNonZero(common) > kWideShare * std::max(a.area(), b.area());
}

/// Per frame whether two objects touch, or one is gone that touched the other before it went or after it came back.
std::vector<bool> touching_frames(const MaskTrack& a, const MaskTrack& b, int rim) {
  const int count = static_cast<int>(a.frames.size());
  std::vector<bool> touching(a.frames.size());
  for (std::size_t t = 0; t < a.frames.size(); ++t) touching[t] = touch(a.frames[t], b.frames[t], rim);
  const std::vector<bool> seen = touching;
  for (const MaskTrack* track : {&a, &b}) {
    for (int t = first_frame(*track); t >= 0 && t < last_frame(*track); ++t) {
      int end = t + 1;
      while (end < count && track->frames[static_cast<std::size_t>(end)].empty()) ++end;
      if (end > t + 1 && (seen[static_cast<std::size_t>(t)] || seen[static_cast<std::size_t>(end)]))
        std::fill(touching.begin() + t + 1, touching.begin() + end, true);
      t = end - 1;
    }
  }
  return touching;
}

void add_contacts(int a, int b, const std::vector<bool>& touching, std::vector<Contact>& contacts) {
  const int count = static_cast<int>(touching.size());
  int last = -1;
  for (int t = 0; t < count; ++t) {
    if (!touching[static_cast<std::size_t>(t)]) continue;
    if (last < 0 || t - last > kShortBreak + 1) contacts.push_back({a, b, t, t});
    contacts.back().last = last = t;
  }
}

}  // namespace

int contact_rim(Size size) { return std::max(kLeastRim, cvRound(static_cast<double>(size.width) / kRimOfWidth)); }

std::vector<Contact> find_contacts(const std::vector<MaskTrack>& tracks, Size size) {
  std::vector<Contact> contacts;
  for (std::size_t a = 0; a < tracks.size(); ++a)
    for (std::size_t b = a + 1; b < tracks.size(); ++b)
      add_contacts(static_cast<int>(a), static_cast<int>(b), touching_frames(tracks[a], tracks[b], contact_rim(size)),
                   contacts);
  std::stable_sort(contacts.begin(), contacts.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  return contacts;
}

bool masks_are_whole(const std::vector<MaskTrack>& tracks, Size size) {
  for (std::size_t a = 0; a < tracks.size(); ++a)
    for (std::size_t b = a + 1; b < tracks.size(); ++b)
      for (std::size_t t = 0; t < tracks[a].frames.size(); ++t)
        if (overlap_widely(tracks[a].frames[t], tracks[b].frames[t], contact_rim(size))) return true;
  return false;
}

}  // namespace retime

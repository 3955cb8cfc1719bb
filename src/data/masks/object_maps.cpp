#include "data/masks/object_maps.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

// Reach of the released code's kernel, 20 px wide at a picture width of 448.
constexpr float kReleasedBand = 10.F / 448.F;
constexpr int kBorder = 2;     // pixels from the border at which a mask counts as cut by it
constexpr int kSmoothing = 3;  // frames on either side
constexpr double kLongestJump_s = 0.8;
constexpr float kClearlyNearer = 0.03F;  // of the picture's height, in ground contact

struct Sides {
  bool left, top, right, bottom;
  bool any() const { return left || top || right || bottom; }
};

Sides cut_sides(const cv::Rect& box, Size size) {
  return {box.x<kBorder, box.y<kBorder, box.br().x> size.width - kBorder, box.br().y> size.height - kBorder};
}

float median_of(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The size of the object at frame `t`: the median of its uncut boxes nearest in time, or the largest box if all are
/// cut.
cv::Size2f full_size(const std::vector<BoxMask>& frames, int t, Size size) {
  std::vector<float> widths, heights;
  const int count = static_cast<int>(frames.size());
  for (int gap = 0; gap < count && widths.size() < 9; ++gap) {
    for (const int s : {t - gap, t + gap}) {
      if (s < 0 || s >= count || (gap == 0 && s != t)) continue;
      const cv::Rect& box = frames[static_cast<std::size_t>(s)].box;
      if (box.empty() || cut_sides(box, size).any()) continue;
      widths.push_back(static_cast<float>(box.width));
      heights.push_back(static_cast<float>(box.height));
    }
  }
  if (!widths.empty()) return {median_of(std::move(widths)), median_of(std::move(heights))};
  cv::Size2f largest;
  for (const BoxMask& mask : frames) {
    largest.width = std::max(largest.width, static_cast<float>(mask.box.width));
    largest.height = std::max(largest.height, static_cast<float>(mask.box.height));
  }
  return largest;
}

/// Extends an interval to `full` length beyond the ends that are cut.
void extend(float& begin, float& length, float full, bool cut_begin, bool cut_end) {
  if (full <= length || !(cut_begin || cut_end)) return;
  const float missing = full - length;
  if (cut_begin) begin -= cut_end ? 0.5F * missing : missing;
  length = full;
}

cv::Rect2f completed(const cv::Rect& box, cv::Size2f full, Size size) {
  const Sides cut = cut_sides(box, size);
  cv::Rect2f result(box);
  extend(result.x, result.width, full.width, cut.left, cut.right);
  extend(result.y, result.height, full.height, cut.top, cut.bottom);
  return result;
}

cv::Rect2f weighted_mean(const std::vector<cv::Rect2f>& boxes, int centre) {
  cv::Rect2f sum;
  float total = 0.F;
  const int count = static_cast<int>(boxes.size());
  for (int t = std::max(0, centre - kSmoothing); t <= std::min(count - 1, centre + kSmoothing); ++t) {
    // A window that reaches beyond the track's ends would lag behind: take as much from either side.
    const int mirror = 2 * centre - t;
    if (mirror < 0 || mirror >= count) continue;
    const cv::Rect2f &box = boxes[static_cast<std::size_t>(t)], &other = boxes[static_cast<std::size_t>(mirror)];
    if (box.empty() || other.empty()) continue;
    const float w = static_cast<float>(kSmoothing + 1 - std::abs(t - centre));
    sum.x += w * box.x, sum.y += w * box.y, sum.width += w * box.width, sum.height += w * box.height;
    total += w;
  }
  return {sum.x / total, sum.y / total, sum.width / total, sum.height / total};
}

uchar unit_to_byte(float value) { return cv::saturate_cast<uchar>(255.F * std::clamp(value, 0.F, 1.F)); }

/// Rows with what is above them for less than a jump lasts lowered: a closing over time. NaN where nothing is.
std::vector<float> without_jumps(const std::vector<float>& rows, double rate) {
  const int count = static_cast<int>(rows.size()), radius = cvRound(kLongestJump_s * rate / 2);
  const auto filtered = [&](const std::vector<float>& from, auto better) {
    std::vector<float> result(from.size(), std::numeric_limits<float>::quiet_NaN());
    for (int t = 0; t < count; ++t) {
      float& best = result[static_cast<std::size_t>(t)] = from[static_cast<std::size_t>(t)];
      for (int s = std::max(0, t - radius); s <= std::min(count - 1, t + radius); ++s) {
        const float row = from[static_cast<std::size_t>(s)];
        if (std::isnan(best) || better(row, best)) best = row;
      }
    }
    return result;
  };
  auto closed = filtered(filtered(rows, std::greater<>()), std::less<>());
  for (std::size_t t = 0; t < rows.size(); ++t)
    if (std::isnan(rows[t])) closed[t] = rows[t];
  return closed;
}

/// An object as its depth is judged.
struct Standing {
  const BoxMask& mask;
  float row;  ///< where it stands, one below its mask
};

/// Whether `a` must be drawn before (behind) `b`: -1 yes, 1 no, 0 no telling in this frame.
int compare_depth(const Standing& standing_a, const Standing& standing_b, Size size) {
  const BoxMask &a = standing_a.mask, &b = standing_b.mask;
  if (a.empty() || b.empty()) return 0;
  const float difference = standing_a.row - standing_b.row;
  const bool apart = (a.box & b.box).empty();
  const int clearly = cvRound(kClearlyNearer * static_cast<float>(size.height));
  if (difference == 0 || (!apart && std::abs(difference) < static_cast<float>(clearly))) return 0;
  // Whoever the lower border cuts may stand anywhere below it.
  if (cut_sides(a.box, size).bottom && cut_sides(b.box, size).bottom) return 0;
  return difference < 0 ? -1 : 1;
}

/// Insertion sort that moves an object only past those it is clearly in front of or behind.
std::vector<int> reorder(std::vector<int> order, const std::vector<Standing>& objects, Size size) {
  for (std::size_t i = 1; i < order.size(); ++i) {
    for (std::size_t j = i; j > 0; --j) {
      const auto behind = static_cast<std::size_t>(order[j - 1]), front = static_cast<std::size_t>(order[j]);
      if (compare_depth(objects[behind], objects[front], size) <= 0) break;
      std::swap(order[j - 1], order[j]);
    }
  }
  return order;
}

/// Middle of the mask's lowest row, in pixels of the training size.
PlanePoint lowest_point(const BoxMask& mask, Size full_size, Size training_size) {
  const cv::Mat lowest = mask.crop().row(mask.box.height - 1);
  const cv::Rect extent = cv::boundingRect(lowest);
  const double x = mask.box.x + extent.x + (extent.width - 1) / 2.0, y = mask.box.br().y - 1;
  const double scale_x = static_cast<double>(training_size.width) / full_size.width,
               scale_y = static_cast<double>(training_size.height) / full_size.height;
  return {(x + 0.5) * scale_x - 0.5, (y + 0.5) * scale_y - 0.5};
}

}  // namespace

int trimap_band(int picture_width) { return std::max(1, cvRound(kReleasedBand * static_cast<float>(picture_width))); }

cv::Mat make_trimap(const cv::Mat& mask, int band_px) {
  const cv::Mat object = mask > 127;
  cv::Mat trimap;
  cv::dilate(object, trimap, cv::Mat::ones(2 * band_px + 1, 2 * band_px + 1, CV_8U));
  trimap.setTo(128, trimap);
  trimap.setTo(255, object);
  return trimap;
}

std::vector<cv::Rect2f> texture_boxes(const MaskTrack& track, Size size) {
  std::vector<cv::Rect2f> complete(track.frames.size()), smooth(track.frames.size());
  for (std::size_t t = 0; t < track.frames.size(); ++t) {
    const BoxMask& mask = track.frames[t];
    if (!mask.empty()) complete[t] = completed(mask.box, full_size(track.frames, static_cast<int>(t), size), size);
  }
  for (std::size_t t = 0; t < track.frames.size(); ++t) {
    if (!track.frames[t].empty()) smooth[t] = weighted_mean(complete, static_cast<int>(t));
  }
  return smooth;
}

cv::Mat box_uv(const BoxMask& mask, const cv::Rect2f& texture_box, Size size) {
  cv::Mat iuv = cv::Mat::zeros(size.height, size.width, CV_8UC3);
  const cv::Mat crop = mask.crop();
  for (int y = 0; y < mask.box.height; ++y) {
    for (int x = 0; x < mask.box.width; ++x) {
      if (crop.at<uchar>(y, x) == 0) continue;
      const cv::Point p = mask.box.tl() + cv::Point(x, y);
      const float u = (static_cast<float>(p.x) + 0.5F - texture_box.x) / texture_box.width;
      const float v = (static_cast<float>(p.y) + 0.5F - texture_box.y) / texture_box.height;
      iuv.at<cv::Vec3b>(p) = {1, unit_to_byte(u), unit_to_byte(v)};
    }
  }
  return iuv;
}

cv::Mat part_mask(const cv::Mat& iuv) {
  cv::Mat part;
  cv::extractChannel(iuv, part, 0);
  return part > 0;
}

std::vector<std::vector<int>> depth_order(const std::vector<MaskTrack>& tracks, Size size, double rate) {
  std::vector<std::vector<int>> orders;
  if (tracks.empty()) return orders;
  std::vector<std::vector<float>> rows;
  for (const MaskTrack& track : tracks) {
    auto& own = rows.emplace_back(track.frames.size(), std::numeric_limits<float>::quiet_NaN());
    for (std::size_t t = 0; t < own.size(); ++t)
      if (!track.frames[t].empty()) own[t] = static_cast<float>(track.frames[t].box.br().y);
    own = without_jumps(own, rate);
  }
  std::vector<int> order(tracks.size());
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t t = 0; t < tracks.front().frames.size(); ++t) {
    std::vector<Standing> objects;
    for (std::size_t i = 0; i < tracks.size(); ++i) objects.push_back({tracks[i].frames[t], rows[i][t]});
    order = reorder(std::move(order), objects, size);
    orders.push_back(order);
  }
  return orders;
}

std::vector<float> ground_contact(const std::vector<MaskTrack>& tracks, const CameraPath& camera, Size full_size,
                                  Size training_size, double rate) {
  const std::size_t frames = tracks.empty() ? 0 : tracks.front().frames.size();
  std::vector<float> rows(frames * tracks.size());
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    std::vector<float> own(frames, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t t = 0; t < frames; ++t) {
      if (tracks[i].frames[t].empty()) continue;
      PlanePoint point = lowest_point(tracks[i].frames[t], full_size, training_size);
      if (!camera.frame_from_plane.empty()) point = project(inverse(camera.frame_from_plane[t]), point);
      own[t] = static_cast<float>(point.y);
    }
    own = without_jumps(own, rate);
    for (std::size_t t = 0; t < frames; ++t) rows[t * tracks.size() + i] = own[t];
  }
  return rows;
}

}  // namespace retime

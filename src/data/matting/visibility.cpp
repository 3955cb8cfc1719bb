#include "data/matting/visibility.hpp"

#include <opencv2/imgproc.hpp>

#include "core/progress.hpp"
#include "data/matting/effect_regions.hpp"

namespace retime {
namespace {

constexpr int kMixedRim = 2;  // pixels beyond the mask in front where its edge still mixes with what is behind
constexpr uchar kContested = 128;

/// Masks of the objects in front of `object`, as far as they meet `area`.
cv::Mat masks_in_front(int object, const std::vector<BoxMask>& masks, const std::vector<int>& order,
                       const cv::Rect& area, Size size) {
  cv::Mat front = cv::Mat::zeros(size.height, size.width, CV_8U);
  for (std::size_t i = order.size(); i > 0 && order[i - 1] != object; --i) {
    const BoxMask& mask = masks[static_cast<std::size_t>(order[i - 1])];
    if (!(mask.box & area).empty()) paint_mask(mask, front);
  }
  return front;
}

/// The part of the picture that an object and its effects may be in.
cv::Rect effect_area(const cv::Rect& box, Size size) {
  const int reach = cvCeil(effect_reach(box, {size.width, size.height}, {}));
  const cv::Rect grown(box.x - reach, box.y - reach, box.width + 2 * reach, box.height + 2 * reach);
  return grown & cv::Rect(0, 0, size.width, size.height);
}

}  // namespace

std::vector<MaskTrack> visible_tracks(const std::vector<MaskTrack>& tracks, const std::vector<std::vector<int>>& order,
                                      Size size, bool show_progress) {
  std::vector<MaskTrack> visible = tracks;
  Progress progress("visibility", "frames", static_cast<std::int64_t>(order.size()), show_progress);
  for (std::size_t t = 0; t < order.size(); ++t) {
    const auto masks = masks_of_frame(tracks, static_cast<int>(t));
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      if (masks[i].empty()) continue;
      const cv::Mat front = masks_in_front(static_cast<int>(i), masks, order[t], masks[i].box, size);
      if (cv::countNonZero(front(masks[i].box)) == 0) continue;
      visible[i].frames[t] = box_mask_from_full(full_mask(masks[i], size) & ~front);
    }
    progress.update(static_cast<std::int64_t>(t) + 1);
  }
  return visible;
}

cv::Mat matte_visibility(int object, const FrameObjects& frame, const cv::Mat& contested, Size size) {
  cv::Mat visibility(size.height, size.width, CV_8U, cv::Scalar(255));
  const BoxMask& anchor = frame.anchors[static_cast<std::size_t>(object)];
  if (anchor.empty()) return visibility;
  const cv::Rect area = effect_area(anchor.box, size);
  cv::Mat hidden = masks_in_front(object, frame.bodies, frame.order, area, size);
  cv::dilate(hidden, hidden, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * kMixedRim + 1, 2 * kMixedRim + 1}));
  cv::Mat soft;
  cv::GaussianBlur(hidden, soft, {0, 0}, 1.0);
  visibility(area) -= cv::max(hidden, soft)(area);
  if (!contested.empty()) visibility.setTo(kContested, contested & (visibility > kContested));
  return visibility;
}

}  // namespace retime

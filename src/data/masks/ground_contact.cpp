#include "data/masks/ground_contact.hpp"

#include <limits>
#include <opencv2/imgproc.hpp>

namespace retime {
namespace {

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

std::vector<float> ground_contact(const std::vector<MaskTrack>& tracks, const CameraPath& camera, Size full_size,
                                  Size training_size) {
  const std::size_t frames = tracks.empty() ? 0 : tracks.front().frames.size();
  std::vector<float> rows;
  for (std::size_t t = 0; t < frames; ++t) {
    for (const MaskTrack& track : tracks) {
      rows.push_back(std::numeric_limits<float>::quiet_NaN());
      if (track.frames[t].empty()) continue;
      PlanePoint point = lowest_point(track.frames[t], full_size, training_size);
      if (!camera.frame_from_plane.empty()) point = project(inverse(camera.frame_from_plane[t]), point);
      rows.back() = static_cast<float>(point.y);
    }
  }
  return rows;
}

}  // namespace retime

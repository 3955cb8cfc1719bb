#include "data/masks/mask_objects.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "data/masks/object_maps.hpp"

namespace retime {
namespace {

constexpr int kObjectLevel = 192;  // in mask files

cv::Mat resized(const cv::Mat& picture, Size size, int interpolation) {
  cv::Mat result;
  cv::resize(picture, result, {size.width, size.height}, 0, 0, interpolation);
  return result;
}

cv::Mat view(Image& image) { return {image.size.height, image.size.width, CV_8U, image.pixels.data()}; }

MaskTrack read_track(const MaskFolder& folder, int object, int first, int frames, Size full) {
  MaskTrack track{folder.names()[static_cast<std::size_t>(object)], {}};
  for (int t = first; t < first + frames; ++t) {
    Image mask = folder.read(object, t);
    const cv::Mat body = view(mask) >= kObjectLevel;
    track.frames.push_back(box_mask_from_full(resized(body, full, cv::INTER_LINEAR)));
  }
  if (first_frame(track) < 0)
    throw Error("the masks of object '" + track.name + "' are empty in every frame: remove its folder, or paint it");
  return track;
}

}  // namespace

MaskObjects::MaskObjects(std::vector<MaskTrack> tracks, const SceneSizes& sizes)
    : sizes_(sizes), tracks_(std::move(tracks)) {
  find_boxes();
}

MaskObjects::MaskObjects(MaskFolder folder, int first, int frames, const SceneSizes& sizes)
    : sizes_(sizes), folder_(std::move(folder)), first_(first) {
  for (int object = 0; object < folder_->objects(); ++object)
    tracks_.push_back(read_track(*folder_, object, first, frames, sizes.full));
  find_boxes();
}

void MaskObjects::find_boxes() {
  for (const auto& track : tracks_) boxes_.push_back(texture_boxes(track, sizes_.full));
}

const BoxMask& MaskObjects::mask(int object, int frame) const {
  return tracks_.at(static_cast<std::size_t>(object)).frames.at(static_cast<std::size_t>(frame));
}

cv::Mat MaskObjects::iuv(int object, int frame) const {
  return resized(iuv_full(object, frame), sizes_.training, cv::INTER_NEAREST);
}

cv::Mat MaskObjects::iuv_full(int object, int frame) const {
  const auto& box = boxes_[static_cast<std::size_t>(object)].at(static_cast<std::size_t>(frame));
  return box_uv(mask(object, frame), box, sizes_.full);
}

cv::Mat MaskObjects::trimap(int object, int frame) const {
  if (folder_) {
    Image painted = folder_->read(object, first_ + frame);
    if (std::find(painted.pixels.begin(), painted.pixels.end(), 128) != painted.pixels.end())
      return resized(view(painted), sizes_.training, cv::INTER_NEAREST);
  }
  const cv::Mat body = resized(full_mask(mask(object, frame), sizes_.full), sizes_.training, cv::INTER_AREA);
  return make_trimap(body, trimap_band(sizes_.training.width));
}

}  // namespace retime

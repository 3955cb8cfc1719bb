#include "data/masks/object_source.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/progress.hpp"
#include "data/masks/object_maps.hpp"
#include "media/mat.hpp"

namespace retime {
namespace {

constexpr int kObjectLevel = 192;  // in mask files

MaskTrack read_track(const MaskFolder& folder, int object, int first, int frames, Size full, Progress& progress) {
  MaskTrack track{folder.names()[static_cast<std::size_t>(object)], {}};
  for (int t = first; t < first + frames; ++t) {
    const Image mask = folder.read(object, t);
    const cv::Mat body = as_mat(mask) >= kObjectLevel;
    track.frames.push_back(box_mask_from_full(resized(body, full, cv::INTER_LINEAR)));
    progress.update(object * frames + t - first + 1);
  }
  if (first_frame(track) < 0)
    throw Error("the masks of object '" + track.name + "' are empty in every frame: remove its folder, or paint it");
  return track;
}

}  // namespace

std::vector<MaskTrack> read_tracks(const MaskFolder& folder, int first, int frames, Size full, bool show_progress) {
  Progress progress("masks", "pictures", std::int64_t{folder.objects()} * frames, show_progress);
  std::vector<MaskTrack> tracks;
  for (int object = 0; object < folder.objects(); ++object)
    tracks.push_back(read_track(folder, object, first, frames, full, progress));
  return tracks;
}

MaskObjects::MaskObjects(std::vector<MaskTrack> tracks, const SceneSizes& sizes)
    : sizes_(sizes), tracks_(std::move(tracks)) {
  for (const auto& track : tracks_) boxes_.push_back(texture_boxes(track, sizes_.full));
}

MaskObjects::MaskObjects(std::vector<MaskTrack> tracks, const SceneSizes& sizes, MaskFolder folder, int first)
    : MaskObjects(std::move(tracks), sizes) {
  folder_ = std::move(folder);
  first_ = first;
}

const BoxMask& MaskObjects::mask(int object, int frame) const {
  return tracks_.at(static_cast<std::size_t>(object)).frames.at(static_cast<std::size_t>(frame));
}

ObjectMaps MaskObjects::maps(int object, int frame) const {
  const auto& box = boxes_[static_cast<std::size_t>(object)].at(static_cast<std::size_t>(frame));
  const cv::Mat iuv_full = box_uv(mask(object, frame), box, sizes_.full);
  ObjectMaps maps;
  maps.iuv = to_image(resized(iuv_full, sizes_.training, cv::INTER_NEAREST));
  maps.trimap = to_image(trimap(object, frame));
  maps.iuv_full = to_image(iuv_full);
  return maps;
}

cv::Mat MaskObjects::trimap(int object, int frame) const {
  if (folder_ && object < folder_->objects()) {
    const Image painted = folder_->read(object, first_ + frame);
    if (std::find(painted.pixels.begin(), painted.pixels.end(), 128) != painted.pixels.end())
      return resized(as_mat(painted), sizes_.training, cv::INTER_NEAREST);
  }
  const cv::Mat body = resized(full_mask(mask(object, frame), sizes_.full), sizes_.training, cv::INTER_AREA);
  return make_trimap(body, trimap_band(sizes_.training.width));
}

}  // namespace retime

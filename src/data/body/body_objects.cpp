#include "data/body/body_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/progress.hpp"
#include "data/decode/frame_folder.hpp"
#include "data/masks/object_maps.hpp"
#include "media/mat.hpp"
#include "pose/joint_picture.hpp"

namespace retime {
namespace {

constexpr int kFewestFrames = 6;  // of a person, as of those whom networks find

bool knows_any(const CocoJoints& joints) {
  return std::any_of(joints.begin(), joints.end(), [](const Joint& joint) { return joint.is_known(); });
}

/// The map within a mask (CV_8U, whole frame): what lies beyond it is cut, and pixels of it that the map has not get
/// the values of the nearest one that it has.
cv::Mat fitted(const BodyMap& map, const cv::Mat& mask) {
  cv::Mat iuv = cv::Mat::zeros(mask.size(), CV_8UC3), part, distance, labels;
  map.iuv.copyTo(iuv(map.box));
  iuv.setTo(cv::Scalar::all(0), mask == 0);
  cv::extractChannel(iuv, part, 0);
  if (cv::countNonZero(part) == 0) return iuv;
  cv::distanceTransform(part == 0, distance, labels, cv::DIST_L2, cv::DIST_MASK_5, cv::DIST_LABEL_PIXEL);
  std::vector<cv::Vec3b> value_of(part.total() + 1);
  for (int y = 0; y < part.rows; ++y)
    for (int x = 0; x < part.cols; ++x)
      if (part.at<uchar>(y, x)) value_of[static_cast<std::size_t>(labels.at<int>(y, x))] = iuv.at<cv::Vec3b>(y, x);
  for (int y = 0; y < part.rows; ++y)
    for (int x = 0; x < part.cols; ++x)
      if (mask.at<uchar>(y, x) && !part.at<uchar>(y, x))
        iuv.at<cv::Vec3b>(y, x) = value_of[static_cast<std::size_t>(labels.at<int>(y, x))];
  return iuv;
}

/// 255 well inside, 128 about the outline, 0 well outside.
cv::Mat soft_trimap(const cv::Mat& body, int band_px) {
  cv::Mat trimap = make_trimap(body, band_px), inside;
  cv::erode(body > 127, inside, cv::Mat::ones(2 * band_px + 1, 2 * band_px + 1, CV_8U), {-1, -1}, 1,
            cv::BORDER_REPLICATE);
  trimap.setTo(128, (trimap == 255) & ~inside);
  return trimap;
}

std::vector<const KeypointTrack*> by_identity(const std::vector<KeypointTrack>& people) {
  std::vector<const KeypointTrack*> sorted;
  for (const auto& person : people) sorted.push_back(&person);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return natural_less(a->identity, b->identity); });
  return sorted;
}

}  // namespace

BodyObjects::BodyObjects(std::unique_ptr<ObjectSource> objects, ObjectJoints joints,
                         std::shared_ptr<BodyNetwork> network, const SceneSizes& sizes, OutlineTrust trust)
    : objects_(std::move(objects)),
      joints_(std::move(joints)),
      network_(std::move(network)),
      sizes_(sizes),
      trust_(trust) {}

bool BodyObjects::has_joints(int object) const {
  const auto& frames = joints_.at(static_cast<std::size_t>(object));
  return std::any_of(frames.begin(), frames.end(), knows_any);
}

int BodyObjects::parts(int object) const { return has_joints(object) ? kBodyParts : objects_->parts(object); }

ObjectMaps BodyObjects::maps(int object, int frame) const {
  ObjectMaps maps = objects_->maps(object, frame);
  if (!has_joints(object)) return maps;
  const auto o = static_cast<std::size_t>(object), t = static_cast<std::size_t>(frame);
  const cv::Mat mask = full_mask(tracks().at(o).frames.at(t), sizes_.full);
  if (const auto map = network_->map_of(joints_.at(o).at(t), sizes_.full)) {
    const cv::Mat iuv = fitted(*map, mask);
    if (cv::countNonZero(part_mask(iuv)) > 0) {
      maps.iuv_full = to_image(iuv);
      maps.iuv = to_image(resized(iuv, sizes_.training, cv::INTER_NEAREST));
    }
  }
  if (trust_ == OutlineTrust::kPainted)
    maps.trimap =
        to_image(soft_trimap(resized(mask, sizes_.training, cv::INTER_AREA), trimap_band(sizes_.training.width)));
  return maps;
}

std::vector<MaskTrack> painted_people(const std::vector<KeypointTrack>& people, BodyNetwork& network, int frame_count,
                                      Size size, bool show_progress) {
  std::vector<MaskTrack> tracks;
  Progress progress("bodies", "people", static_cast<std::int64_t>(people.size()), show_progress);
  std::int64_t done = 0;
  for (const auto* person : by_identity(people)) {
    MaskTrack track{"", std::vector<BoxMask>(static_cast<std::size_t>(frame_count))};
    int painted = 0;
    for (std::size_t i = 0; i < person->frames.size(); ++i)
      if (const auto map = network.map_of(person->frames[i], size)) {
        track.frames[static_cast<std::size_t>(person->first_frame) + i] = silhouette_of(*map);
        ++painted;
      }
    if (painted >= kFewestFrames) {
      track.name = fmt::format("{:02}", tracks.size() + 1);
      track.notes = {fmt::format("painted from joints, frames {} to {}", first_frame(track), last_frame(track))};
      tracks.push_back(std::move(track));
    }
    progress.update(++done);
  }
  return tracks;
}

}  // namespace retime

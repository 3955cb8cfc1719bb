#include "data/released/released_objects.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "data/masks/object_maps.hpp"
#include "data/released/iuv_picture.hpp"
#include "media/mat.hpp"
#include "media/picture_codecs.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr int kMostPeople = 255 / kBodyParts;

/// 255, 128 and 0 of a picture that may have been smoothed.
cv::Mat trimap_levels(const cv::Mat& gray) {
  cv::Mat trimap = cv::Mat::zeros(gray.size(), CV_8U);
  trimap.setTo(128, gray >= 64);
  trimap.setTo(255, gray >= 192);
  return trimap;
}

cv::Mat read_trimap(const fs::path& file, const SceneSizes& sizes) {
  const cv::Mat gray = picture_codecs().read(file.string(), cv::IMREAD_GRAYSCALE | cv::IMREAD_IGNORE_ORIENTATION);
  if (gray.empty())
    throw Error("cannot read the trimap " + file.string() + " (not a picture, or damaged): export it again");
  const Size size{gray.cols, gray.rows};
  if (size == sizes.training) return trimap_levels(gray);
  if (size == sizes.full) return trimap_levels(resized(gray, sizes.training, cv::INTER_NEAREST));
  throw Error(fmt::format("trimap {} has another size ({}, the frames have {} and {}): export it again", file.string(),
                          size_text(size), size_text(sizes.training), size_text(sizes.full)));
}

}  // namespace

ReleasedObjects::ReleasedObjects(const ReleasedFolder& folder, const SceneSizes& sizes, bool show_progress)
    : folder_(folder), sizes_(sizes), people_(folder.objects().size()) {
  const int objects = static_cast<int>(people_.size());
  Progress progress("masks", "pictures", std::int64_t{objects} * folder_.frame_count(), show_progress);
  for (int object = 0; object < objects; ++object) read_object(object, progress);
}

void ReleasedObjects::read_object(int object, Progress& progress) {
  MaskTrack track{folder_.objects()[static_cast<std::size_t>(object)], {}};
  people_[static_cast<std::size_t>(object)] = listed_people(object);
  for (int t = 0; t < folder_.frame_count(); ++t) {
    admit_people(object, t);
    track.frames.push_back(box_mask_from_full(body(object, t)));
    progress.update(object * folder_.frame_count() + t + 1);
  }
  if (first_frame(track) < 0)
    throw Error("the IUV maps of '" + track.name + "' are empty in every frame taken: remove its folder");
  tracks_.push_back(std::move(track));
}

std::vector<int> ReleasedObjects::listed_people(int object) const {
  const auto& layers = folder_.people_layers();
  return layers.size() == people_.size() ? layers[static_cast<std::size_t>(object)] : std::vector<int>{};
}

void ReleasedObjects::admit_people(int object, int frame) {
  auto& people = people_[static_cast<std::size_t>(object)];
  const bool listed = !listed_people(object).empty();
  const auto file = folder_.iuv_file(object, frame);
  for (const int person : people_in(read_iuv(file, sizes_.training))) {
    if (std::find(people.begin(), people.end(), person) != people.end()) continue;
    if (listed)
      throw Error(
          fmt::format("IUV map {} shows person {} (people_layers of metadata.json puts {} on this layer): "
                      "correct one of them",
                      file.string(), person, fmt::join(people, ", ")));
    people.insert(std::upper_bound(people.begin(), people.end(), person), person);
  }
  if (static_cast<int>(people.size()) > kMostPeople)
    throw Error(
        fmt::format("the layer of IUV map {} holds {} people (a layer takes {} at most): spread them over layers",
                    file.string(), people.size(), kMostPeople));
}

// Smooth outlines: an enlarged map has those of its coarse pixels. Where a trimap is sure, it has the last word.
cv::Mat ReleasedObjects::body(int object, int frame) const {
  cv::Mat mask = folder_.has_full_iuv() ? part_mask(full_iuv(object, frame))
                                        : resized(part_mask(iuv(object, frame)), sizes_.full, cv::INTER_LINEAR) > 127;
  const auto file = folder_.trimap_file(object, frame);
  if (!fs::exists(file)) return mask;
  const cv::Mat trimap = read_trimap(file, sizes_), kernel = cv::Mat::ones(3, 3, CV_8U);
  cv::Mat inside, possible;
  cv::erode(trimap == 255, inside, kernel);
  cv::dilate(trimap > 0, possible, kernel);
  mask |= resized(inside, sizes_.full, cv::INTER_NEAREST);
  mask &= resized(possible, sizes_.full, cv::INTER_NEAREST);
  return mask;
}

int ReleasedObjects::parts(int object) const {
  const auto& people = people_[static_cast<std::size_t>(object)];
  return kBodyParts * std::max(1, static_cast<int>(people.size()));
}

cv::Mat ReleasedObjects::iuv(int object, int frame) const {
  return iuv_map(read_iuv(folder_.iuv_file(object, frame), sizes_.training), people_[static_cast<std::size_t>(object)]);
}

cv::Mat ReleasedObjects::full_iuv(int object, int frame) const {
  const auto picture = read_iuv(folder_.full_iuv_file(object, frame), sizes_.full);
  return iuv_map(picture, people_[static_cast<std::size_t>(object)]);
}

ObjectMaps ReleasedObjects::maps(int object, int frame) const {
  const cv::Mat small = iuv(object, frame);
  const auto trimap_file = folder_.trimap_file(object, frame);
  const cv::Mat trimap = fs::exists(trimap_file) ? read_trimap(trimap_file, sizes_)
                                                 : make_trimap(part_mask(small), trimap_band(sizes_.training.width));
  ObjectMaps maps;
  maps.iuv = to_image(small);
  maps.trimap = to_image(trimap);
  maps.iuv_full = to_image(folder_.has_full_iuv() ? full_iuv(object, frame) : enlarge_iuv(small, sizes_.full));
  return maps;
}

std::vector<std::vector<int>> people_groups(const ReleasedFolder& folder) {
  const auto& layers = folder.people_layers();
  const std::size_t folders = folder.objects().size();
  if (!folder.has_iuv() || layers.empty() || layers.size() == folders) return {};
  std::vector<int> people;
  for (const auto& layer : layers) people.insert(people.end(), layer.begin(), layer.end());
  if (people.size() != folders)
    throw Error(fmt::format("{} names {} with {} (IUV maps are in {}): make them agree",
                            (folder.path() / "metadata.json").string() + ", people_layers",
                            counted(std::ssize(layers), "layer"), counted(std::ssize(people), "person", "people"),
                            counted(std::ssize(folder.objects()), "folder")));
  std::sort(people.begin(), people.end());
  std::vector<std::vector<int>> groups = layers;
  for (auto& group : groups)
    for (int& person : group)
      person = static_cast<int>(std::lower_bound(people.begin(), people.end(), person) - people.begin());
  return groups;
}

}  // namespace retime

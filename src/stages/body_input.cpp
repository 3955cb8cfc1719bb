#include "stages/body_input.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "data/keypoints/keypoint_files.hpp"
#include "data/keypoints/object_keypoints.hpp"
#include "data/keypoints/track_repair.hpp"
#include "data/prepare/prepare_options.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

BodyInput input_of_scene(const fs::path& file) {
  const SceneReader scene(file);
  const auto& info = scene.info();
  if (!info.has_keypoints)
    throw Error(file.string() +
                " has no joints of people (none were found or brought): prepare it with --keypoints, or name a file of "
                "keypoints instead");
  BodyInput input{{}, info.objects, {}, info.full_size(), info.size};
  for (int t = 0; t < info.frame_count; ++t) input.pictures.push_back(fmt::format("{:04}.png", t + 1));
  for (int i = 0; i < info.object_count(); ++i) input.joints.push_back(joints_from_values(scene.read_keypoints(i)));
  return input;
}

// Pictures one after another, as many as the file has.
BodyInput input_of_keypoints(const fs::path& path, Size size) {
  const auto records = read_keypoints(path, size);
  const int count = static_cast<int>(records.pictures.size());
  auto tracks = follow_people(people_by_frame(records, {count, {}, 0, count}));
  repair_tracks(tracks);
  if (tracks.empty())
    throw Error(path.string() + " shows nobody in more than one picture: give the keypoints of a clip");
  BodyInput input{{}, {}, {}, size};
  for (const auto& picture : records.pictures)
    input.pictures.push_back(fs::path(picture.name).stem().string() + ".png");
  for (const auto& track : tracks) {
    input.people.push_back(fmt::format("{:02}", input.people.size() + 1));
    auto& joints = input.joints.emplace_back(static_cast<std::size_t>(count));
    std::copy(track.frames.begin(), track.frames.end(), joints.begin() + track.first_frame);
  }
  return input;
}

}  // namespace

BodyInput read_body_input(const fs::path& path, const std::string& size) {
  if (!fs::exists(path)) throw Error("cannot open " + path.string() + " (no such file or folder): check the path");
  const bool is_keypoints = fs::is_directory(path) || path.extension() == ".json";
  if (is_keypoints && size.empty())
    throw UsageError("keypoints alone do not say how large the pictures are: give --size WxH");
  if (!is_keypoints && !size.empty())
    throw UsageError("--size is for keypoints, the frames of " + path.string() + " have theirs: leave it out");
  return is_keypoints ? input_of_keypoints(path, training_size(size, {})) : input_of_scene(path);
}

}  // namespace retime

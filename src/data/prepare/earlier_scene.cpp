#include "data/prepare/earlier_scene.hpp"

#include <algorithm>
#include <sstream>

#include "core/error.hpp"
#include "core/log.hpp"
#include "data/prepare/step_keys.hpp"
#include "media/mat.hpp"
#include "pose/joints.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

MaskTrack track_of(const FoundTrack& found) {
  MaskTrack track{found.name, {}};
  for (std::size_t t = 0; t < found.boxes.size(); ++t) {
    const auto& [x, y, width, height] = found.boxes[t];
    track.frames.emplace_back(cv::Rect(x, y, width, height), found.runs[t]);
  }
  std::istringstream notes(found.notes);
  for (std::string note; std::getline(notes, note);) track.notes.push_back(note);
  return track;
}

FoundTrack stored(const MaskTrack& track) {
  FoundTrack found{track.name, {}, {}, {}};
  for (const auto& note : track.notes) found.notes += note + "\n";
  for (const auto& mask : track.frames) {
    found.boxes.push_back({mask.box.x, mask.box.y, mask.box.width, mask.box.height});
    found.runs.emplace_back(mask.runs().begin(), mask.runs().end());
  }
  return found;
}

bool has_frames(const SceneWork& work, std::size_t frames, std::size_t objects) {
  return work.matte_keys.size() == frames && work.matte_of.size() == frames * objects &&
         work.offsets.size() == 3 * frames &&
         std::all_of(work.tracks.begin(), work.tracks.end(),
                     [&](const FoundTrack& track) { return track.boxes.size() == frames; });
}

}  // namespace

std::optional<EarlierScene> EarlierScene::open(const fs::path& path, const SceneInfo& info) {
  if (!fs::exists(path)) return std::nullopt;
  try {
    SceneReader scene(path);
    const auto& before = scene.info();
    const bool is_same = before.preparation == info.preparation &&
                         before.source.fingerprint == info.source.fingerprint && before.size == info.size &&
                         before.scale == info.scale && before.has_plate;
    if (!is_same) return std::nullopt;
    auto work = scene.read_work();
    if (!work || work->steps != preparing_steps()) return std::nullopt;
    if (!has_frames(*work, static_cast<std::size_t>(before.frame_count), before.objects.size())) return std::nullopt;
    return EarlierScene(std::move(scene), std::move(*work));
  } catch (const Error& error) {
    log_warn(std::string("everything is made anew: ") + error.what());
    return std::nullopt;
  }
}

std::optional<FoundObjects> EarlierScene::found() const {
  if (work_.tracks.empty()) return std::nullopt;
  FoundObjects found;
  for (const auto& track : work_.tracks) found.tracks.push_back(track_of(track));
  for (const auto& person : work_.people)
    found.people.push_back({person.first_frame, joints_from_values(person.values)});
  return found;
}

std::optional<CameraPath> EarlierScene::camera(std::uint64_t key) const {
  if (key != work_.camera_key) return std::nullopt;
  return scene_.info().has_camera ? scene_.read_camera() : CameraPath{};
}

std::optional<SceneBackdrop> EarlierScene::backdrop(std::uint64_t key, const CameraPath& camera) const {
  if (key != work_.backdrop_key) return std::nullopt;
  const PlateImage image = scene_.read_plate();
  Plate plate{as_mat(image.color).clone(), as_mat(image.observed).clone(), {}};
  plate.noise.create(plate.color.size(), CV_32F);
  std::copy(work_.noise.begin(), work_.noise.end(), plate.noise.begin<float>());
  const SceneLighting stored = scene_.read_lighting();
  std::vector<FrameLighting> lighting(static_cast<std::size_t>(scene_.info().frame_count));
  const std::size_t nodes = work_.field.area();
  for (std::size_t t = 0; t < lighting.size(); ++t) {
    auto& light = lighting[t];
    std::copy_n(stored.gain.begin() + static_cast<std::ptrdiff_t>(3 * t), 3, light.gain.val);
    std::copy_n(work_.offsets.begin() + static_cast<std::ptrdiff_t>(3 * t), 3, light.offset.val);
    if (nodes == 0) continue;
    light.field.create(work_.field.height, work_.field.width, CV_32FC3);
    std::copy_n(work_.fields.begin() + static_cast<std::ptrdiff_t>(3 * nodes * t), 3 * nodes, light.field.ptr<float>());
  }
  return SceneBackdrop(camera, scene_.info().size, scene_.info().full_size(), std::move(plate), std::move(lighting));
}

void note_found(const FoundObjects& found, SceneWork& work) {
  for (const auto& track : found.tracks) work.tracks.push_back(stored(track));
  for (const auto& person : found.people) work.people.push_back({person.first_frame, joint_values(person.frames)});
}

void note_backdrop(const SceneBackdrop& backdrop, SceneWork& work) {
  const cv::Mat& noise = backdrop.plate().noise;
  work.plate = {noise.cols, noise.rows};
  work.noise.assign(noise.begin<float>(), noise.end<float>());
  for (const auto& light : backdrop.frame_lighting()) {
    work.offsets.insert(work.offsets.end(), light.offset.val, light.offset.val + 3);
    if (light.field.empty()) continue;
    const cv::Mat field = light.field.isContinuous() ? light.field : light.field.clone();
    work.field = {field.cols, field.rows};
    work.fields.insert(work.fields.end(), field.ptr<float>(), field.ptr<float>() + 3 * field.total());
  }
}

}  // namespace retime

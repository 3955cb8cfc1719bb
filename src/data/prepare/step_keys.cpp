#include "data/prepare/step_keys.hpp"

#include "core/files.hpp"
#include "core/text.hpp"
#include "data/people/people_models.hpp"

namespace retime {
namespace {

// To be raised whenever a step of the preparation comes to other results than before.
constexpr int kSteps = 2;

void add_masks(const std::vector<MaskTrack>& tracks, StepKey& key) {
  const std::size_t frames = tracks.empty() ? 0 : tracks.front().frames.size();
  for (std::size_t t = 0; t < frames; ++t) {
    key.add(std::uint64_t{t});
    for (const auto& track : tracks)
      if (!track.frames[t].empty()) key.add(track.frames[t]);
  }
}

}  // namespace

StepKey& StepKey::add(std::uint64_t value) {
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  return *this;
}

StepKey& StepKey::add(const BoxMask& mask) {
  for (const int side : {mask.box.x, mask.box.y, mask.box.width, mask.box.height})
    add(static_cast<std::uint64_t>(static_cast<std::int64_t>(side)));
  bytes_.append(reinterpret_cast<const char*>(mask.runs().data()), mask.runs().size());
  return *this;
}

StepKey& StepKey::add(std::span<const double> values) {
  bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return *this;
}

std::uint64_t StepKey::value() const { return stable_hash(bytes_); }

std::string preparing_steps() {
  std::string text = RETIME_DATA_VERSION " steps " + std::to_string(kSteps);
  if (const auto models = find_people_models())
    for (const auto& file : {models->person_detection, models->pose_detection, models->pose_landmarks})
      text += " " + fingerprint_of(file);
  return text;
}

std::uint64_t camera_key(const std::vector<MaskTrack>& tracks) {
  StepKey key;
  add_masks(tracks, key);
  return key.value();
}

std::uint64_t backdrop_key(const std::vector<MaskTrack>& tracks, const CameraPath& camera) {
  StepKey key;
  add_masks(tracks, key);
  for (const auto& homography : camera.frame_from_plane) key.add(homography);
  return key.add(camera.bounds).value();
}

}  // namespace retime

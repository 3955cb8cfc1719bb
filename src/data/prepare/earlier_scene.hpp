#pragma once

#include <filesystem>
#include <optional>

#include "data/background/scene_backdrop.hpp"
#include "data/prepare/found_objects.hpp"
#include "format/scene.hpp"

namespace retime {

/// The scene that a preparation is about to replace, made from the same clip with the same options: what does not
/// depend on corrections, or on those that have changed, is taken over from it.
class EarlierScene {
 public:
  /// Nothing when there is no scene at `path`, or one that is to be described otherwise than `info` or that another
  /// program has made.
  static std::optional<EarlierScene> open(const std::filesystem::path& path, const SceneInfo& info);

  const SceneReader& scene() const { return scene_; }
  const SceneWork& work() const { return work_; }

  /// Objects as they were found; nothing when they were brought.
  std::optional<FoundObjects> found() const;
  /// What was found out about the camera, if that was from what has this key.
  std::optional<CameraPath> camera(std::uint64_t key) const;
  std::optional<SceneBackdrop> backdrop(std::uint64_t key, const CameraPath& camera) const;

 private:
  EarlierScene(SceneReader scene, SceneWork work) : scene_(std::move(scene)), work_(std::move(work)) {}

  SceneReader scene_;
  SceneWork work_;
};

/// Notes what was found, and the background, for later preparations.
void note_found(const FoundObjects& found, SceneWork& work);
void note_backdrop(const SceneBackdrop& backdrop, SceneWork& work);

}  // namespace retime

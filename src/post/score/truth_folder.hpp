#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "format/image.hpp"
#include "format/scene.hpp"
#include "post/compose/shares.hpp"

namespace retime {

/// Where a layer counts as there: above so many levels of alpha (0.02).
inline constexpr int kVisible = 5;

/// What truth/truth.json says about a synthetic scene.
struct TruthInfo {
  std::string kind;
  std::int64_t seed = 0;
  Size size;           ///< of all truth pictures
  Size training_size;  ///< half of it
  int frames = 0;
  std::vector<std::string> objects;
  std::vector<std::string> edits;
  bool moving_camera = false;
};

/// What a video shows.
enum class VideoKind { kReconstruction, kBackground, kSolo, kWithout, kEdit };

/// One of the videos that are made of a scene; `name` is an object's for solo and without, an edit's for edits.
struct VideoRequest {
  VideoKind kind = VideoKind::kReconstruction;
  std::string name;

  /// Its folder: "reconstruction", "background", "solo/01", "without/01" or "edits/shift".
  std::string folder() const;
};

/// A folder made by `retime synth`: what a camera recorded, and beside it the truth.
class TruthFolder {
 public:
  /// Throws Error if there is no readable truth/truth.json.
  explicit TruthFolder(const std::filesystem::path& folder);

  const TruthInfo& info() const { return info_; }
  const std::filesystem::path& path() const { return folder_; }
  /// All videos with a truth: reconstruction, background, solo and without each object, edits.
  std::vector<VideoRequest> videos() const;

  /// RGB [H, W, 3]. The truth of the reconstruction is what the camera recorded, noise included.
  Image video_frame(const VideoRequest& video, int frame) const;
  /// The frame without noise.
  Image clean(int frame) const;
  Image background(int frame) const { return video_frame({VideoKind::kBackground, ""}, frame); }
  /// Straight RGBA of one object with its effects, also where others hide it.
  Image layer(int object, int frame) const;
  /// Coverage [H, W, 1] of an object's body without its effects.
  Image body(int object, int frame) const;
  /// Where the edit files NAME.json lie.
  std::filesystem::path edits() const { return truth_ / "edits"; }

 private:
  const std::string& object_name(int object) const { return info_.objects.at(static_cast<std::size_t>(object)); }

  std::filesystem::path folder_, truth_;
  TruthInfo info_;
};

/// Where the background is hidden or tinted by some object in some frame: pixels with an alpha above 0.02 in any true
/// layer of any frame. With a moving camera the frames' masks are united in the common plane, at training size.
class EverCovered {
 public:
  /// Processes that share the frames all make one.
  EverCovered(const TruthFolder& truth, const std::optional<CameraPath>& camera, const FrameParts& parts = {});
  /// Mask [2H, 2W, 1] for the pixels of this frame, one of this process's share.
  const Image& mask(int frame) const { return masks_.at(masks_.size() == 1 ? 0 : static_cast<std::size_t>(frame)); }

 private:
  std::vector<Image> masks_;  // one for all frames, or one each
};

}  // namespace retime

#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "synth/synth_scene.hpp"

namespace retime::synth {

/// Writes what is told of a scene as text, as docs/synth.md describes: metadata.json and, with a moving camera,
/// homographies.txt as the released tools have them, truth/truth.json, and keypoints.json as AlphaPose with PoseFlow
/// writes it, in pixels of the full size: per frame a list of people with 17 COCO keypoints (x, y, confidence), person
/// id `idx` and `box` (x, y, width, height). Keypoints behind somebody else have low confidence.
void write_scene_files(const SynthScene& scene, const std::filesystem::path& folder);

/// An object in an output frame: as it was in frame `source`.
struct ShownObject {
  int object = 0, source = 0;
  double opacity = 1;
};

/// Writes a scene as the folder that docs/synth.md describes.
class TruthWriter {
 public:
  /// Both must outlive the writer; the folder must exist and be empty.
  TruthWriter(const SynthScene& scene, const std::filesystem::path& folder);

  /// Frames, maps, keypoints, metadata and the truth of every frame. `progress` is told the frames done.
  void write_frames(const std::function<void(int)>& progress = {});

  /// An edit and its true frames; `shown` says which objects output frame t shows.
  void write_edit(const NamedEdit& edit, int frames, const std::function<std::vector<ShownObject>(int)>& shown);

 private:
  void make_folders() const;
  void write_frame(int frame) const;
  void write_truth(int frame) const;
  void write_visible(int frame) const;
  void write_maps(int object, int frame) const;

  const SynthScene& scene_;
  std::filesystem::path folder_;
};

/// Names of objects and of frames, which the released layout counts from 1: "01", "0001.png".
std::string object_name(int object);
std::string frame_name(int frame);

/// The trimap of a body map: 255 where a part is, 128 in a band around it, 0 elsewhere.
cv::Mat trimap_of(const cv::Mat& iuv);

/// A folder that appears whole or not at all: it is filled under a temporary name beside its own.
class OutputFolder {
 public:
  /// Throws Error if something other than an empty folder, or one that `retime synth` made, stands at `path`.
  explicit OutputFolder(const std::filesystem::path& path);
  /// Without commit() what was written is removed.
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  /// Gives the folder its name; what stood there before is replaced.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
};

}  // namespace retime::synth

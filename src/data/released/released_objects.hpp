#pragma once

#include "core/progress.hpp"
#include "data/masks/object_source.hpp"
#include "data/released/released_folder.hpp"

namespace retime {

/// Objects with body parts, from the IUV maps of a released folder. Several people in one map get separate parts: 1 to
/// 24, 25 to 48, ... in the order of `people_layers` or, without it, of their ids.
class ReleasedObjects final : public ObjectSource {
 public:
  /// Reads and checks all maps. Throws Error naming the file, and for a layer that nobody is on in any frame.
  ReleasedObjects(const ReleasedFolder& folder, const SceneSizes& sizes, bool show_progress = false);

  const std::vector<MaskTrack>& tracks() const override { return tracks_; }
  std::vector<std::vector<int>> order() const override { return folder_.order(); }
  int parts(int object) const override;
  /// `iuv_full` comes from iuv_512 when it is there, otherwise it is enlarged; `trimap` from mask/ when it is there,
  /// otherwise it is made from the map.
  ObjectMaps maps(int object, int frame) const override;

 private:
  void read_object(int object, Progress& progress);
  std::vector<int> listed_people(int object) const;
  void admit_people(int object, int frame);
  cv::Mat iuv(int object, int frame) const;
  cv::Mat full_iuv(int object, int frame) const;
  cv::Mat body(int object, int frame) const;

  ReleasedFolder folder_;
  SceneSizes sizes_;
  std::vector<std::vector<int>> people_;
  std::vector<MaskTrack> tracks_;
};

/// Which objects share a layer by `people_layers`, when each person has an IUV folder of their own; empty when every
/// folder is a layer already. Throws Error when neither fits.
std::vector<std::vector<int>> people_groups(const ReleasedFolder& folder);

}  // namespace retime

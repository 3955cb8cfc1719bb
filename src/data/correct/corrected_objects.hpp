#pragma once

#include <memory>
#include <vector>

#include "data/correct/corrected_tracks.hpp"
#include "data/masks/object_groups.hpp"
#include "data/masks/object_source.hpp"

namespace retime {

/// Objects whose masks people have put right. Where a mask is as it was found, so is its trimap.
class CorrectedObjects final : public ObjectSource {
 public:
  CorrectedObjects(std::unique_ptr<ObjectSource> found, const CorrectedTracks& corrected, const SceneSizes& sizes);

  const std::vector<MaskTrack>& tracks() const override { return masks_.tracks(); }
  int parts(int object) const override { return masks_.parts(object); }
  ObjectMaps maps(int object, int frame) const override;

 private:
  std::unique_ptr<ObjectSource> found_;
  std::vector<std::vector<int>> origin_;
  MaskObjects masks_;
};

/// Objects with maps of their bodies under other names.
class RenamedObjects final : public ObjectSource {
 public:
  RenamedObjects(std::unique_ptr<ObjectSource> found, std::vector<MaskTrack> tracks)
      : found_(std::move(found)), tracks_(std::move(tracks)) {}

  const std::vector<MaskTrack>& tracks() const override { return tracks_; }
  std::vector<std::vector<int>> order() const override { return found_->order(); }
  int parts(int object) const override { return found_->parts(object); }
  ObjectMaps maps(int object, int frame) const override { return found_->maps(object, frame); }

 private:
  std::unique_ptr<ObjectSource> found_;
  std::vector<MaskTrack> tracks_;
};

/// Groups of all `count` objects, those of the corrections among them, and the names of the layers; empty where the
/// corrections name no group.
struct LayerGroups {
  ObjectGroups members;
  std::vector<std::string> names;
};
LayerGroups corrected_groups(const CorrectedTracks& corrected);

}  // namespace retime

#pragma once

#include <opencv2/core.hpp>

#include "data/masks/map_coverage.hpp"
#include "data/matting/visibility.hpp"
#include "data/prepare/earlier_scene.hpp"
#include "data/prepare/scene_objects.hpp"

namespace retime {

/// Writes the maps, mattes and order of all frames of a scene. Mattes of a frame that an earlier scene has made from
/// the same are taken from it.
class MapWriter {
 public:
  /// All of it outlives the writer; `earlier` may be null. `work` gets the keys of the mattes.
  MapWriter(SceneWriter& scene, const FrameSequence& frames, const SceneObjects& objects, const SceneBackdrop& backdrop,
            const EarlierScene* earlier, SceneWork& work);

  /// Returns the number of frames whose mattes were made anew.
  int run(bool show_progress);
  /// How much of the objects' masks their maps cover, after `run`.
  const MapCoverage& coverage() const { return coverage_; }

 private:
  /// One frame, as its mattes depend on it.
  struct Frame {
    int number = 0;
    std::vector<BoxMask> bodies, visible, anchors, unknown;
    std::vector<int> taking_part{};  ///< objects that are there, or leave a trace
    bool left_out = false;
  };
  struct ObjectMatte {
    bool is_present = false;
    Image rgba, visibility;
  };
  struct FrameMattes {
    Frame frame;
    bool is_there = false;  ///< in the earlier scene
    std::vector<ObjectMatte> mattes;
  };

  Frame frame_of(int t) const;
  std::uint64_t key_of(const Frame& frame) const;
  /// Notes what the mattes of a frame depend on; true if the earlier scene has made them from the same.
  bool note_key(const Frame& frame);
  std::vector<ObjectMatte> earlier_mattes(const Frame& frame) const;
  std::vector<ObjectMatte> new_mattes(const Frame& frame) const;
  ObjectMatte matte_of(const Frame& frame, int object, const Matte& matte) const;
  void write(const Frame& frame, std::vector<ObjectMatte> mattes);
  /// CV_8U, 255 where nobody knows what of the object is there.
  cv::Mat unknown_area(const Frame& frame, int object) const;
  void mark_unknown(const Frame& frame, int object, Image& trimap) const;

  SceneWriter& scene_;
  const FrameSequence& frames_;
  const SceneObjects& objects_;
  const SceneBackdrop& backdrop_;
  const EarlierScene* earlier_;
  SceneWork& work_;
  int count_;
  Size size_;
  MapCoverage coverage_;
};

}  // namespace retime

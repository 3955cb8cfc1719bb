#pragma once

#include <string>

#include "core/options.hpp"
#include "data/camera/camera_motion.hpp"
#include "data/complete/completed_objects.hpp"
#include "format/image.hpp"

namespace retime {

/// What becomes an object where a clip brings no masks: people as networks find them, what moves before a camera that
/// stands still, or the best of both.
enum class ObjectSearch { kAuto, kPeople, kMoving };

struct ObjectChoice {
  ObjectSearch search = ObjectSearch::kAuto;
  int count = 0;               ///< of moving objects, the largest; 0: all
  bool may_find_none = false;  ///< since masks name objects already
  double rate = 25;            ///< frames per second
};

/// How a clip becomes a scene.
struct PrepareOptions {
  std::string size = "auto";   ///< training size WxH, or auto: see `training_size`
  std::string scale = "auto";  ///< layers are so many times the training size: 2, 4, or auto: see `full_scale`
  std::string objects;         ///< auto, people, moving, or the number of moving objects to find; empty: auto, or
                               ///< nothing beside masks
  std::string masks;           ///< folder of masks: objects that need not be found
  std::string keypoints;       ///< file or folder of joints that a pose estimator found
  std::string body_network = "auto";  ///< file of the keypoint-to-UV network, auto or none
  std::string group;                  ///< objects that share a layer: "01+02,03+04"
  MasksShow masks_are = MasksShow::kAuto;
  CameraMode camera = CameraMode::kAuto;
  std::string homographies;  ///< file with the camera's motion instead of estimating it
  int first_frame = 0;       ///< of the clip
  int last_frame = -1;       ///< included; -1: the clip's last
  double fps = 25;           ///< of folders of frames
  bool show_progress = true;

  void add_to(OptionTable& table);
  /// What `objects` asks for. Throws UsageError.
  ObjectChoice object_choice() const;
  /// Whether masks name some of the objects and others are to be found.
  bool searches_beside_masks() const { return !masks.empty() && !objects.empty(); }
  /// Throws UsageError.
  void validate() const;
};

/// How many times the training size frames and layers have, for a clip of `source`: as `scale` says ("2", "4"), or for
/// "auto" 4 when the clip's smaller side exceeds 1024 and four times the training size asked for is not more than that.
int full_scale(const std::string& scale, const std::string& size, Size source);

/// The training size for frames of `source`: as `option` says ("WxH"), or for "auto" the clip's by `scale`, with the
/// smaller side from 128 to 256 (270 at scale 4, so that 1080 rows stay 1080). Throws UsageError.
Size training_size(const std::string& option, Size source, int scale = 2);

/// Tells preparations apart: the options that decide the result, and the state of the files that they name.
std::string preparation_text(const PrepareOptions& options);

}  // namespace retime

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/folder_lock.hpp"
#include "core/h5.hpp"
#include "format/homography.hpp"
#include "format/image.hpp"
#include "format/scene_work.hpp"

namespace retime {

/// Where a scene's frames came from.
struct SourceRef {
  std::string path;         ///< clip or folder of frames
  std::string fingerprint;  ///< of the clip's file; empty for folders
  double start_s = 0;       ///< time of the first frame in the source, seconds
  bool has_audio = false;
};

/// What a scene holds, without its pixels.
struct SceneInfo {
  Size size;      ///< training size
  int scale = 2;  ///< frames, plate and mattes are also held at exactly this many times the training size: 2 or 4
  FrameRate fps;
  int frame_count = 0;
  std::vector<std::string> objects;  ///< name of object i, which is layer i + 1 (layer 0 is the background)
  std::vector<std::vector<std::string>> notes{};  ///< lines on how object i was found and completed, to be told
  SourceRef source;
  std::string preparation;      ///< the options it was prepared with
  int parts = 1;                ///< largest body-part index in the IUV maps
  bool has_plate = false;       ///< a clean background picture and its lighting per frame
  bool has_mattes = false;      ///< difference mattes per object
  bool has_camera = false;      ///< homographies: the camera moves
  bool has_full_iuv = false;    ///< IUV maps at full size as well
  bool has_visibility = false;  ///< where each matte is known
  bool has_keypoints = false;   ///< joints of the objects that are people
  std::string corrections{};    ///< what people have put right in it, as text; empty: nothing
  std::vector<int> left_out{};  ///< frames of which a fit is to learn nothing, ascending

  int object_count() const { return static_cast<int>(objects.size()); }
  int layer_count() const { return object_count() + 1; }
  Size full_size() const { return {scale * size.width, scale * size.height}; }
};

/// The background seen without objects, at full resolution. It covers exactly the rectangle `bounds` of the common
/// plane (see CameraPath): pixel j of a row of P has its centre at left + (j + 0.5) * (right - left) / P. With a camera
/// that stands still that is the picture, [-0.5, W - 0.5] x [-0.5, H - 0.5], and the plate is as large as a full frame.
struct PlateImage {
  Image color;     ///< [plate height, plate width, 3] RGB
  Image observed;  ///< [.., .., 1] 255 where some frame shows the background, 0 where it was painted in
};

/// How every frame is lit relative to the plate: frame = gain * plate + offset, the offset a coarse grid over the
/// frame's picture that is spread over it by cubic interpolation.
struct SceneLighting {
  Size grid{1, 1};
  std::vector<float> gain;    ///< [T, 3]
  std::vector<float> offset;  ///< [T, grid height, grid width, 3], in levels of 255
};

/// Moving camera: homographies `frame_from_plane`, one per frame, in pixels of the training size (pixel centres at
/// integers; the plane is that of frame 0), and the bounds [xmin, xmax, ymin, ymax] that all frames together cover in
/// the plane, pixel borders included. No homographies = the camera stands still.
struct CameraPath {
  std::vector<Homography> frame_from_plane;
  std::array<double, 4> bounds{};
};

/// Pixels of one object in one frame. `present` is false when the object is not in the frame; maps are then zero.
struct ObjectMaps {
  bool present = false;
  Image iuv;           ///< [H, W, 3] part index (0 = not the object), U * 255, V * 255
  Image trimap;        ///< [H, W, 1] 255 object, 128 unknown, 0 not the object
  Image matte;         ///< [2H, 2W, 4] premultiplied RGBA from difference matting, or empty
  Image iuv_full{};    ///< [2H, 2W, 3] like `iuv`, or empty
  Image visibility{};  ///< [2H, 2W, 1] with a matte: 255 where it is known, 0 where something in front hides the object
                       ///< or its effects, 128 where it shows an effect that may be another object's; or empty
};

/// Writes scene.h5 as a stream of frames. Frames come first; what was written can be read back. While it lives no other
/// process can write the same file.
class SceneWriter {
 public:
  /// `info.frame_count` and `info.objects` are not needed yet. Throws Error when another process writes that file.
  SceneWriter(const std::filesystem::path& path, const SceneInfo& info);

  /// `base` is [H, W, 3], `full` is [2H, 2W, 3]. Frames are numbered in the order of the calls.
  void add_frame(const Image& base, const Image& full);
  int frame_count() const { return frame_count_; }
  /// Reads a frame back, dense [2H, 2W, 3].
  void read_full_frame(int frame, std::span<std::uint8_t> rgb) const;

  /// To be called once, after the last frame.
  void set_objects(const std::vector<std::string>& names, bool with_mattes);
  /// Lines on how the object was found, as `SceneInfo::notes` has them.
  void write_notes(int object, const std::vector<std::string>& notes);
  void write_maps(int frame, int object, const ObjectMaps& maps);
  /// Object indices of a frame, back to front.
  void write_order(int frame, std::span<const std::uint8_t> order);
  void write_plate(const PlateImage& plate, const SceneLighting& lighting);
  /// What was put right, and frames that are left out: see `SceneInfo`. Nothing is written where there is none.
  void write_corrections(const std::string& corrections, const std::vector<int>& left_out);
  /// What a later preparation may take over.
  void write_work(const SceneWork& work);
  void write_camera(const CameraPath& camera);
  /// Row where each object meets the ground, [T, N] in pixels of the training size (moving camera: of the plane); NaN
  /// where that is not known.
  void write_ground_contact(std::span<const float> rows);
  /// COCO's joints of an object, [T, 17, 3]: x, y in pixels of the full size, confidence 0 to 1 (0: not known). To be
  /// called for every object or for none.
  void write_keypoints(int object, std::span<const float> joints);
  void commit();

 private:
  SceneInfo info_;
  OutputLock lock_;
  h5::OutputFile file_;
  std::optional<h5::Dataset> base_, full_;
  struct ObjectData;
  void write_optional(int frame, int object, const ObjectMaps& maps);
  std::vector<std::shared_ptr<ObjectData>> objects_;
  std::optional<h5::Dataset> order_;
  int frame_count_ = 0;
};

/// Reads scene.h5. Throws Error for a file that is missing, damaged or inconsistent.
class SceneReader {
 public:
  explicit SceneReader(const std::filesystem::path& path);
  const SceneInfo& info() const { return info_; }
  const std::filesystem::path& path() const { return file_.path(); }
  /// Identifies the content: equal for the same preparation of the same clip.
  std::string fingerprint() const;

  /// Frames [first, first + count) at training size, dense [count, H, W, 3].
  void read_base(int first, int count, std::span<std::uint8_t> out) const;
  Image read_full(int frame) const;
  /// Maps of one object, dense over frames: [count, H, W, 3], [count, H, W] and [count, 2H, 2W, 4].
  void read_iuv(int object, int first, int count, std::span<std::uint8_t> out) const;
  void read_trimap(int object, int first, int count, std::span<std::uint8_t> out) const;
  void read_matte(int object, int first, int count, std::span<std::uint8_t> out) const;
  /// IUV maps at full size, [count, 2H, 2W, 3]; throws Error unless `has_full_iuv`.
  void read_iuv_full(int object, int first, int count, std::span<std::uint8_t> out) const;
  /// [count, 2H, 2W]; 255 throughout where the object is absent, and without `has_visibility`.
  void read_visibility(int object, int first, int count, std::span<std::uint8_t> out) const;

  /// presence()[object][frame]: the object (or a trace of it) is in the frame.
  const std::vector<std::vector<std::uint8_t>>& presence() const { return presence_; }
  /// order()[frame]: object indices back to front.
  const std::vector<std::vector<std::uint8_t>>& order() const { return order_; }
  PlateImage read_plate() const;
  SceneLighting read_lighting() const;
  CameraPath read_camera() const;
  /// As written; all NaN in files that do not say.
  std::vector<float> read_ground_contact() const;
  /// As written; nothing in scenes without (an older `retime` made them, or another program).
  std::optional<SceneWork> read_work() const;
  /// As written; throws Error unless `has_keypoints`.
  std::vector<float> read_keypoints(int object) const;

 private:
  h5::InputFile file_;
  SceneInfo info_;
  std::vector<std::vector<std::uint8_t>> presence_, order_;
};

}  // namespace retime

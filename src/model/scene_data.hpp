#pragma once

#include <torch/torch.h>

#include <optional>
#include <vector>

#include "core/scene.hpp"

namespace retime {

/// A contiguous share of a scene's frames, resident on the device as 8-bit values, ready to be gathered into batches.
/// Maps are held only for objects that are present in a frame. Row counts have one more entry, all zero, that stands
/// for "no frame" or "no map".
class SceneData {
 public:
  /// Reads frames [first, last) of the scene onto `device`; mattes are read when `with_mattes`.
  SceneData(const SceneReader& scene, int first, int last, bool with_mattes, torch::Device device);

  int first_frame() const { return first_; }
  int frame_count() const { return last_ - first_; }
  int clip_frames() const { return clip_frames_; }  ///< of the whole scene
  int object_count() const { return static_cast<int>(map_rows_.size()); }
  Size size() const { return size_; }
  torch::Device device() const { return frames_.device(); }

  /// Row of `frames` for a frame of the clip (-1 gives the empty row).
  std::int64_t frame_row(int frame) const;
  /// Row of the maps for an object in a frame; the empty row when it is absent.
  std::int64_t map_row(int object, int frame) const;
  std::int64_t empty_map_row() const { return iuv_.size(0) - 1; }
  /// Position of an object in a frame's depth order, 0 = farthest.
  int depth_position(int object, int frame) const;

  const torch::Tensor& frames() const { return frames_; }  ///< [F + 1, H, W, 3] uint8
  const torch::Tensor& iuv() const { return iuv_; }        ///< [M + 1, H, W, 3] uint8
  const torch::Tensor& trimap() const { return trimap_; }  ///< [M + 1, H, W, 1] uint8
  const torch::Tensor& matte() const { return matte_; }    ///< [M + 1, H, W, 4] uint8 premultiplied, or undefined
  /// [M + 1, H, W, 1] uint8, 255 where the matte is right, 128 and less where it is anybody's guess; with mattes only
  const torch::Tensor& visibility() const { return visibility_; }
  const torch::Tensor& gain() const { return gain_; }      ///< [F + 1, 3] float, for colours in [-1, 1]
  const torch::Tensor& offset() const { return offset_; }  ///< [F + 1, 3, h, w] float coarse grid, colours in [-1, 1]
  const torch::Tensor& plane_from_frame() const { return plane_from_frame_; }  ///< [F + 1, 3, 3] float, or undefined

 private:
  void read_frames(const SceneReader& scene, torch::Device device);
  void read_maps(const SceneReader& scene, bool with_mattes, torch::Device device);
  void read_lighting(const SceneReader& scene, torch::Device device);
  void read_camera(const SceneReader& scene, torch::Device device);

  int first_, last_, clip_frames_;
  Size size_;
  std::vector<std::vector<std::int64_t>> map_rows_;  // [object][local frame]
  std::vector<std::vector<int>> positions_;          // [local frame][object]
  torch::Tensor frames_, iuv_, trimap_, matte_, visibility_, gain_, offset_, plane_from_frame_;
};

/// The scene's plate as [1, 3, 2H, 2W] float in [-1, 1], or undefined when it has none.
torch::Tensor read_plate_tensor(const SceneReader& scene);

}  // namespace retime

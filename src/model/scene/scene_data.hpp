#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "dist/torch.hpp"
#include "format/scene.hpp"
#include "model/scene/pixel_source.hpp"

namespace retime {

/// How much memory a rank may use for frames and maps.
struct CacheBudget {
  std::size_t resident = std::numeric_limits<std::size_t>::max();  ///< bytes of the device: what fits is held there
  std::size_t streamed = resident;                                 ///< bytes of the host, when it does not fit
};

/// `gib` on the device or, for what does not fit, on the host. 0 chooses: on CPUs 4 GiB; on a GPU half of what is free
/// there, or 4 GiB of the host.
CacheBudget cache_budget(double gib, torch::Device device);

/// A contiguous share of a scene's frames as 8-bit values, ready to be gathered into batches: resident on the device,
/// or streamed from the file (see PixelSource). What is small is held for every frame.
class SceneData {
 public:
  /// Frames [first, last) of the scene, which must outlive the object; mattes are read when `with_mattes`. A share of
  /// more than `budget.resident` bytes is streamed within `budget.streamed` bytes of the host's memory.
  SceneData(const SceneReader& scene, int first, int last, bool with_mattes, torch::Device device,
            const CacheBudget& budget = {});

  int first_frame() const { return first_; }
  int frame_count() const { return last_ - first_; }
  int clip_frames() const { return clip_frames_; }  ///< of the whole scene
  int object_count() const { return reader_.info().object_count(); }
  bool with_mattes() const { return reader_.with_mattes(); }
  Size size() const { return reader_.info().size; }
  torch::Device device() const { return gain_.device(); }

  /// Row of `gain`, `offset` and `plane_from_frame` for a frame of the clip (-1 gives the empty row).
  std::int64_t frame_row(int frame) const { return frame < 0 ? frame_count() : frame - first_; }
  bool is_present(int object, int frame) const { return reader_.is_present(object, frame); }
  /// Whether nothing is to be learned from a frame.
  bool is_left_out(int frame) const {
    const auto& left_out = reader_.info().left_out;
    return std::binary_search(left_out.begin(), left_out.end(), frame);
  }
  /// Position of an object in a frame's depth order, 0 = farthest.
  int depth_position(int object, int frame) const;

  /// Pixels of frames of the share and of maps in them; -1 is a place without a frame.
  BatchPixels gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps) const;
  /// The same in two steps: what has to be on the device for it, on the host, and the pixels with that on the device.
  PixelRows rows(const std::vector<int>& frames, const std::vector<MapPlace>& maps) const {
    return source_->rows(frames, maps);
  }
  BatchPixels gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps, const PixelRows& rows) const {
    return source_->gather(frames, maps, rows);
  }
  /// Says in which order frames will be gathered next. Only how long that takes depends on it.
  void expect(const std::vector<int>& frames) const { source_->expect(frames); }

  std::size_t bytes() const { return bytes_; }  ///< of the share
  /// Of the share in memory: all of it, or as much as it is streamed within, with what is held for every frame.
  std::int64_t resident_bytes() const;
  /// Where frames are streamed from, nothing when they are resident.
  const FrameStream* stream() const;

  const torch::Tensor& gain() const { return gain_; }      ///< [F + 1, 3] float, for colours in [-1, 1]
  const torch::Tensor& offset() const { return offset_; }  ///< [F + 1, 3, h, w] float coarse grid, colours in [-1, 1]
  const torch::Tensor& plane_from_frame() const { return plane_from_frame_; }  ///< [F + 1, 3, 3] float, or undefined

 private:
  void read_lighting(const SceneReader& scene, torch::Device device);
  void read_camera(const SceneReader& scene, torch::Device device);

  PixelReader reader_;
  int first_, last_, clip_frames_;
  std::size_t bytes_ = 0;
  std::vector<std::vector<int>> positions_;  // [local frame][object]
  std::unique_ptr<PixelSource> source_;
  torch::Tensor gain_, offset_, plane_from_frame_;
};

/// The scene's plate as [1, 3, 2H, 2W] float in [-1, 1], or undefined when it has none.
torch::Tensor read_plate_tensor(const SceneReader& scene);

}  // namespace retime

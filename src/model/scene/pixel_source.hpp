#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "dist/torch.hpp"
#include "model/scene/frame_stream.hpp"

namespace retime {

/// An object in one of the frames that are gathered.
struct MapPlace {
  std::int64_t frame = 0;  ///< index into the frames
  int object = 0;
};

/// Maps of S slots on a device, a slot being one object in one frame. As numbers for the model; as pixels, 8-bit and
/// [S, H, W, channels], they have the values that scenes store.
struct SlotMaps {
  torch::Tensor iuv;         ///< [S, 3, H, W] part index, U and V in [0, 1]
  torch::Tensor trimap;      ///< [S, 1, H, W] in {0, 0.5, 1}
  torch::Tensor matte;       ///< [S, 4, H, W] premultiplied in [0, 1], or undefined
  torch::Tensor visibility;  ///< [S, 1, H, W] in [0, 1], see `matte_trust`; with mattes only
};

/// Pixels of a batch, 8-bit, on the device: B frames and S maps. Zero where there is no frame or the object is absent.
struct BatchPixels {
  torch::Tensor frames;  ///< [B, H, W, 3]
  SlotMaps maps;
};

/// Rows of frames and of maps, int64; undefined where a source looks nothing up on the device.
using PixelRows = std::array<torch::Tensor, 2>;

/// Where batches get the pixels of a share of a scene's frames from.
class PixelSource {
 public:
  virtual ~PixelSource() = default;
  /// What `gather` wants to have on the device, on the host. `frames` are numbers in the clip, -1 for an empty place.
  virtual PixelRows rows(const std::vector<int>& /*frames*/, const std::vector<MapPlace>& /*maps*/) const { return {}; }
  /// `rows` are those of the same frames and maps, on the device.
  virtual BatchPixels gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps,
                             const PixelRows& rows) = 0;
  /// The frames that will be gathered, in that order.
  virtual void expect(const std::vector<int>& /*frames*/) {}
};

/// A share of frames that is held on the device as a whole. Reads it.
class ResidentPixels final : public PixelSource {
 public:
  ResidentPixels(const PixelReader& reader, int first, int last, torch::Device device);
  PixelRows rows(const std::vector<int>& frames, const std::vector<MapPlace>& maps) const override;
  BatchPixels gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps, const PixelRows& rows) override;

 private:
  void read_maps(const PixelReader& reader, int last, torch::Device device);
  std::int64_t map_row(int object, int frame) const;

  int first_;
  std::vector<std::vector<std::int64_t>> map_rows_;  ///< [object][frame of the share], -1 where it is absent
  // One row more than there are frames or maps: all zero, for what is not there.
  torch::Tensor frames_;
  SlotMaps maps_;
};

/// A share of frames of which a part is held in the host's memory; the others are read when they are about to be used.
class StreamedPixels final : public PixelSource {
 public:
  StreamedPixels(const PixelReader& reader, int first, int last, torch::Device device, std::size_t budget);
  BatchPixels gather(const std::vector<int>& frames, const std::vector<MapPlace>& maps, const PixelRows& rows) override;
  void expect(const std::vector<int>& frames) override { stream_.expect(frames); }
  const FrameStream& stream() const { return stream_; }

 private:
  torch::Tensor zeros(std::size_t rows, int channels) const;

  Size size_;
  bool with_mattes_;
  torch::Device device_;
  FrameStream stream_;
};

}  // namespace retime

#pragma once

#include <future>
#include <map>
#include <tuple>
#include <vector>

#include "dist/torch.hpp"
#include "format/scene.hpp"
#include "model/scene/tiles.hpp"

namespace retime {

/// What a scene holds at full size, kept in host memory as 8-bit values once it was read (maps cropped to what is not
/// empty) until it is dropped, given out as windows on the device. `scale` is 2, or that of the scene: how many times
/// the training size the picture is that `window` lies in; smaller pictures are means of the full one, for IUV maps its
/// samples.
class FullMaps {
 public:
  FullMaps(const SceneReader& scene, torch::Device device);

  int scale() const { return scene_.info().scale; }

  /// [3, h, w] in [-1, 1].
  torch::Tensor frame(int frame, int scale, const Window& window);
  /// [4, h, w] premultiplied in [0, 1].
  torch::Tensor matte(int object, int frame, int scale, const Window& window);
  /// [1, h, w] in [0, 1]: where the matte is known to be right.
  torch::Tensor visibility(int object, int frame, int scale, const Window& window);
  /// [3, h, w]: part index, U and V in [0, 1].
  torch::Tensor iuv(int object, int frame, int scale, const Window& window);

  /// Begins to read, on a thread of its own, what `frames` (-1 is none) will be asked for next; what it read before is
  /// for now. Mattes and visibility only `with_mattes`.
  void prefetch(const std::vector<int>& frames, bool with_mattes);
  /// Drops what was read last until no more than `bytes` are held. What stays goes on saving reads: in a fit all frames
  /// take turns.
  void trim(std::size_t bytes);
  /// Drops everything read so far.
  void forget() { trim(0); }
  std::size_t bytes() const { return bytes_; }

 private:
  enum class Kind { kFrame, kMatte, kVisibility, kIuv };
  using Key = std::tuple<Kind, int, int>;
  struct Box {
    torch::Tensor pixels;  ///< [h, w, C] uint8
    Window window;
    int outside;  ///< value of the pixels around it
  };
  const Box& box(Kind kind, int object, int frame);
  Image take(const Key& key);
  std::vector<Key> missing_keys(const std::vector<int>& frames, bool with_mattes) const;
  Image read(Kind kind, int object, int frame) const;
  Image read_iuv(int object, int frame) const;
  torch::Tensor pixels(const Box& box, const Window& window) const;
  torch::Tensor mean(const Box& box, int scale, const Window& window) const;

  const SceneReader& scene_;
  torch::Device device_;
  std::map<Key, Box> boxes_;
  std::vector<Key> keys_;  ///< of the boxes, in the order in which they were read
  std::size_t bytes_ = 0;
  std::map<Key, Image> ready_;                ///< read ahead, for now
  std::future<std::map<Key, Image>> coming_;  ///< being read, for the next time
};

/// An IUV map enlarged `factor` times: parts from the nearest pixel, U and V interpolated among the pixels of that part
/// alone. `iuv` is [H, W, 3] uint8.
torch::Tensor enlarged_iuv(const torch::Tensor& iuv, int factor);

}  // namespace retime

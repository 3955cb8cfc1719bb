#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "format/scene.hpp"

namespace retime {

/// Everything that a fit wants of one frame at training size.
struct FramePixels {
  Image frame;                   ///< [H, W, 3]
  std::vector<ObjectMaps> maps;  ///< of all objects, mattes and visibility at training size too; empty where absent
};

/// Reads frames and maps of a scene at training size; mattes and their visibility are means of those at full size. May
/// be used by several threads at a time.
class PixelReader {
 public:
  PixelReader(const SceneReader& scene, bool with_mattes) : scene_(scene), with_mattes_(with_mattes) {}

  const SceneInfo& info() const { return scene_.info(); }
  bool with_mattes() const { return with_mattes_; }
  bool is_present(int object, int frame) const;
  /// What `read_frame(frame)` takes.
  std::size_t bytes(int frame) const;

  FramePixels read_frame(int frame) const;
  void read_base(int frame, std::span<std::uint8_t> out) const { scene_.read_base(frame, 1, out); }
  void read_iuv(int object, int frame, std::span<std::uint8_t> out) const { scene_.read_iuv(object, frame, 1, out); }
  void read_trimap(int object, int frame, std::span<std::uint8_t> out) const;
  void read_matte(int object, int frame, std::span<std::uint8_t> out) const;
  void read_visibility(int object, int frame, std::span<std::uint8_t> out) const;

 private:
  const SceneReader& scene_;
  bool with_mattes_;
};

/// Means over `factor` x `factor` pixels of `large` [factor * H, factor * W, C], rounded to the nearest, halves to the
/// even one. `factor` is 1, 2 or 4.
void shrink(std::span<const std::uint8_t> large, int factor, Size size, int channels, std::span<std::uint8_t> out);

}  // namespace retime

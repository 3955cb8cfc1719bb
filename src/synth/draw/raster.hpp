#pragma once

#include <vector>

#include "synth/draw/mesh.hpp"
#include "synth/draw/pinhole.hpp"

namespace retime::synth {

/// What is nearest in a pixel: a triangle and the weights of its corners b and c (that of a is the rest).
struct Fragment {
  int triangle = -1;  ///< none if negative
  float depth = 1e30f, b = 0, c = 0;
};

/// A rectangle of pixels with what was drawn there.
class FragmentBuffer {
 public:
  explicit FragmentBuffer(Size size) : size_(size), fragments_(size.area()) {}
  Size size() const { return size_; }
  Fragment& at(int x, int y) { return fragments_[index(x, y)]; }
  const Fragment& at(int x, int y) const { return fragments_[index(x, y)]; }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) + static_cast<std::size_t>(x);
  }

  Size size_;
  std::vector<Fragment> fragments_;
};

/// Pixels from (x0, y0) up to but without (x1, y1).
struct PixelBox {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  int width() const { return std::max(0, x1 - x0); }
  int height() const { return std::max(0, y1 - y0); }
  bool empty() const { return width() == 0 || height() == 0; }
};

/// The part of the camera's picture that a mesh covers.
PixelBox covered_box(const Mesh& mesh, const Pinhole& camera);

/// Draws a mesh with one sample at the centre of each pixel of `box`; pixel (x, y) of the buffer is pixel
/// (x + box.x0, y + box.y0) of the camera. Triangles that reach behind the camera are left out.
FragmentBuffer rasterize(const Mesh& mesh, const Pinhole& camera, const PixelBox& box);

/// The point of a mesh under a fragment: corners mixed by its weights.
Vertex surface_point(const Mesh& mesh, const Fragment& fragment);

}  // namespace retime::synth

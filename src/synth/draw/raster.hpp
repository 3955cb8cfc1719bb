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

/// What a mesh hides from one point of a lamp.
class ShadowMap {
 public:
  ShadowMap(const Mesh& mesh, Vec3 lamp, Size size);

  /// How much of the light from the lamp's point to `point` the mesh takes, 0 to 1, smooth over a texel; what is less
  /// than `bias` metres before the point does not count.
  double blocked(Vec3 point, double bias) const;

 private:
  double hides(int x, int y, double depth) const {
    return x >= 0 && y >= 0 && x < camera_.size.width && y < camera_.size.height && map_.at(x, y).depth < depth ? 1 : 0;
  }

  Pinhole camera_;
  FragmentBuffer map_;
};

}  // namespace retime::synth

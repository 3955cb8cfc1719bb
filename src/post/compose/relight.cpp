#include "post/compose/relight.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "post/compose/parallel_rows.hpp"

namespace retime {
namespace {

using Colour = std::array<float, 3>;

/// Weights of the nodes at -1, 0, 1, 2 for a point at `t` in [0, 1) after node 0: the cubic kernel with a = -0.75 that
/// the lighting was fitted with.
std::array<float, 4> cubic(float t) {
  constexpr float a = -0.75F;
  const auto near = [](float d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [](float d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

/// The light of one frame, spread over a picture.
class FrameLight {
 public:
  FrameLight(const SceneLighting& lighting, int frame, Size picture) : grid_(lighting.grid) {
    const auto t = static_cast<std::size_t>(frame);
    std::copy_n(lighting.gain.data() + 3 * t, 3, gain_.begin());
    for (float& gain : gain_) gain = std::max(gain, 0.1F);
    offset_ = lighting.offset.data() + 3 * grid_.area() * t;
    step_x_ = static_cast<float>(grid_.width) / static_cast<float>(picture.width);
    step_y_ = static_cast<float>(grid_.height) / static_cast<float>(picture.height);
  }

  const Colour& gain() const { return gain_; }

  Colour offset(float x, float y) const {
    const float u = (x + 0.5F) * step_x_ - 0.5F, v = (y + 0.5F) * step_y_ - 0.5F;
    const int left = static_cast<int>(std::floor(u)), top = static_cast<int>(std::floor(v));
    const auto wx = cubic(u - static_cast<float>(left)), wy = cubic(v - static_cast<float>(top));
    Colour sum{};
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 4; ++i) {
        const float* node = node_at(left + i - 1, top + j - 1);
        const float weight = wx[static_cast<std::size_t>(i)] * wy[static_cast<std::size_t>(j)];
        for (std::size_t c = 0; c < 3; ++c) sum[c] += weight * node[c];
      }
    return sum;
  }

 private:
  const float* node_at(int x, int y) const {
    const int index = std::clamp(y, 0, grid_.height - 1) * grid_.width + std::clamp(x, 0, grid_.width - 1);
    return offset_ + 3 * index;
  }

  Size grid_;
  Colour gain_{};
  const float* offset_ = nullptr;
  float step_x_ = 1, step_y_ = 1;
};

}  // namespace

void relight_layer(Image& rgba, const SceneLighting& lighting, int from, int to, const Homography& source_from_output,
                   int threads) {
  const FrameLight before(lighting, from, rgba.size), after(lighting, to, rgba.size);
  parallel_rows(rgba.size.height, threads, [&](int begin, int end) {
    for (int y = begin; y < end; ++y)
      for (int x = 0; x < rgba.size.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        if (p[3] == 0) continue;
        const auto there = project(source_from_output, {static_cast<double>(x), static_cast<double>(y)});
        const Colour old_offset = before.offset(static_cast<float>(there.x), static_cast<float>(there.y));
        const Colour offset = after.offset(static_cast<float>(x), static_cast<float>(y));
        for (std::size_t c = 0; c < 3; ++c) {
          const float unlit = (static_cast<float>(p[c]) - old_offset[c]) / before.gain()[c];
          p[c] = static_cast<std::uint8_t>(std::clamp(unlit * after.gain()[c] + offset[c], 0.0F, 255.0F) + 0.5F);
        }
      }
  });
}

}  // namespace retime

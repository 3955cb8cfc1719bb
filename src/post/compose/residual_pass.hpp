#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/options.hpp"
#include "post/compose/grain.hpp"
#include "post/compose/layer_source.hpp"

namespace retime {

/// What is laid in where the output shows another background than the frame did.
enum class Grain {
  kMatch,  ///< grain of the clip's background
  kNone,
};
inline const Choices<Grain> kGrains{{"match", Grain::kMatch}, {"none", Grain::kNone}};

/// A picture that an output frame shows, back to front.
struct ShownPicture {
  const Image* rgba = nullptr;  ///< [H, W, 4], straight alpha
  float opacity = 1;
  int layer = 0;
  bool own_time = false;  ///< as it is in the source frame whose camera and light the output has
};

/// Adds to composed frames what the layers miss of the clip's frames, where the output shows what the frame showed.
///
/// The weight of the residual at a pixel is the sum over layers of what the output shows of them at the frame's own
/// time, no more than the frame itself did. It is 1 where the visible layers are those of the frame: the output is the
/// recorded pixel there. What an object owns of the residual is shown only while all of it is shown at its own time,
/// and fades out over `kFade` pixels around that.
class ResidualPass {
 public:
  static constexpr int kFade = 8;

  ResidualPass(LayerSource& source, LayerCache& cache, Grain grain, int threads);

  /// Adds to `rgb`, composed from `shown`. `view` is the source frame whose camera and light it has.
  void add(std::span<const ShownPicture> shown, int output_frame, int view, Image& rgb);

 private:
  struct Frame;
  class Rows;

  Frame compare(std::span<const ShownPicture> shown, int view);
  void measure_presence(const Frame& frame);
  void load_grain();

  LayerSource& source_;
  LayerCache& cache_;
  Grain grain_kind_;
  int threads_;
  int residual_frame_ = -1;  ///< whose residual is in memory
  FrameResidual residual_;
  Image presence_;  ///< [H, W, 1] 0 where the owner is away, up to kFade around it; empty: all owners are there
  std::optional<GrainBank> grain_;
};

}  // namespace retime

#pragma once

#include "dist/torch.hpp"

namespace retime {

/// Learnable deep textures, one atlas per object ([0048-0052]): a square tile of `size` texels per body part, drawn
/// from N(0, 1). Sampling stays inside a part's tile, so neighbours never bleed into each other.
class ObjectTexturesImpl : public torch::nn::Module {
 public:
  /// `keeps_seen`: the colours given to `set_colors` are kept as they are too, for `seen`.
  ObjectTexturesImpl(int objects, int parts, int channels, int size, bool keeps_seen = false);

  /// Samples object `object[s]`'s texture by its map. `object` is [S] int64; `iuv` is [S, 3, H, W] with the part index
  /// (0 = not the object) and U, V in [0, 1]. Returns [S, channels, H, W], zero where the part is 0.
  torch::Tensor sample(const torch::Tensor& object, const torch::Tensor& iuv) const;

  /// The colours seen of the objects where `iuv` shows them, [S, 3, H, W]; see `sample`. The fit does not change them.
  torch::Tensor seen(const torch::Tensor& object, const torch::Tensor& iuv) const;

  /// Adds colours seen in pictures to the texels they lie next to: `sums` [objects, 4, rows, columns] gets weighted
  /// colour and weight. `colors` is [S, 3, H, W]; `weight` is [S, 1, H, W].
  void splat(torch::Tensor& sums, const torch::Tensor& object, const torch::Tensor& iuv, const torch::Tensor& colors,
             const torch::Tensor& weight) const;
  /// Zero sums for `splat`.
  torch::Tensor empty_sums() const;
  /// Turns sums into the first three channels of the textures; texels that nothing was seen of take the colour of their
  /// tile, or of the object.
  void set_colors(const torch::Tensor& sums);

 private:
  torch::Tensor sample_from(const torch::Tensor& atlas, const torch::Tensor& object, const torch::Tensor& iuv) const;
  torch::Tensor texel_columns(const torch::Tensor& iuv) const;
  torch::Tensor texel_rows(const torch::Tensor& iuv) const;
  int parts_, columns_, rows_, size_;
  torch::Tensor atlas_;
  torch::Tensor seen_;  ///< [objects, 3, rows, columns], or undefined
};
TORCH_MODULE(ObjectTextures);

/// The neural background ([0049]): one texture over the common plane.
class BackgroundTextureImpl : public torch::nn::Module {
 public:
  BackgroundTextureImpl(int channels, int size);

  /// `grid` is [B, H, W, 2], x and y in [-1, 1] over the plane's bounds. Returns [B, channels, H, W].
  torch::Tensor sample(const torch::Tensor& grid) const;

 private:
  torch::Tensor texture_;
};
TORCH_MODULE(BackgroundTexture);

}  // namespace retime

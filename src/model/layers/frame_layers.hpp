#pragma once

#include "dist/torch.hpp"
#include "model/layers/layered_model.hpp"
#include "model/scene/batch.hpp"
#include "model/scene/full_maps.hpp"
#include "model/scene/tiles.hpp"

namespace retime {

/// The layers of one frame above the training size: enlarged bilinearly, matte and textures at full size. Rows are the
/// slots of the frame's batch, followed by layer 0 when the background is neural. `scale` is 2 or that of the scene,
/// `window` lies in the picture of that scale; any window gives the pixels that the whole picture has there.
class FrameLayers {
 public:
  /// Renders a frame at training size. `data` holds it; -1 gives a place without a frame, with rows of weight 0.
  FrameLayers(LayeredModel model, const SceneData& data, FullMaps& maps, int frame);

  Size size(int scale) const { return {scale * size_.width, scale * size_.height}; }
  int full_scale() const { return full_scale_; }
  int frame() const { return frame_; }
  /// 1, or 0 for a place without a frame.
  float weight() const { return frame_ < 0 ? 0.0F : 1.0F; }
  const Batch& batch() const { return batch_; }
  bool has_background_row() const { return !model_->has_plate(); }
  std::int64_t rows() const { return output_.features.size(0); }
  torch::Tensor row_weight() const;  ///< [R] 0 for rows that only fill a place

  /// Layers as they are without the upsampling network: [R, 4, h, w], colour and alpha in [-1, 1].
  torch::Tensor enlarged(int scale, const Window& window);
  /// What the upsampling network sees of layers that have come to be `rgba` ([0097]): those, the textures at this
  /// scale (with object-id the number too), the renderer's last features enlarged.
  torch::Tensor network_input(int scale, const Window& window, const torch::Tensor& rgba);
  /// Number of channels of `network_input`.
  static int input_channels(const ModelOptions& options);

  /// Object layers of `rows` as `stack_layers` wants them: [S, 4, h, w], colour in [-1, 1] and alpha in [0, 1].
  torch::Tensor slots(const torch::Tensor& rows) const;
  /// The background at full size, [1, 3, h, w] in [-1, 1]; `rows` are taken from only when the background is neural.
  torch::Tensor background(const torch::Tensor& rows, const Window& window);

 private:
  torch::Tensor slot_layers(int scale, const Window& window);
  template <class Read>
  torch::Tensor slot_maps(Read read) const;
  torch::Tensor textures(int scale, const Window& window);
  Patch patch(const torch::Tensor& pixels) const { return {pixels, whole(size_)}; }

  LayeredModel model_;
  FullMaps& maps_;
  int frame_, full_scale_;
  Size size_;
  std::vector<int> objects_;  ///< of the slots
  Batch batch_;
  LayerOutput output_;
  torch::Tensor plate_;  ///< the background at full size, made when first asked for
};

}  // namespace retime

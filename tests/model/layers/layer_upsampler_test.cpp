#include "model/layers/layer_upsampler.hpp"

#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "model/quarter_scene.hpp"
#include "model/tiny_fit.hpp"

namespace retime {
namespace {

using test::QuarterScene;
using test::TinyScene;

constexpr int kNetworkWidth = 8, kFrame = 5;

struct Way {
  const char* name;
  BackgroundKind background;
  LayerOutputKind layer_output;
  int scale;
};

class LayerUpsamplerTest : public testing::TestWithParam<Way> {
 protected:
  LayerUpsamplerTest() : threads_(at::get_num_threads()) {
    at::set_num_threads(1);
    if (GetParam().scale == 4)
      QuarterScene::write(folder_ / "scene.h5");
    else
      TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
    torch::manual_seed(1);
    auto options = test::tiny_config(1).model;
    options.background = GetParam().background;
    options.layer_output = GetParam().layer_output;
    options.object_id = true;
    model_ = LayeredModel(options, model_scene(*scene_, options), nullptr);
    model_->eval();
    for (auto& item : model_->named_parameters())
      if (item.key().starts_with("renderer.out.")) item.value().normal_(0, 0.1);
    data_.emplace(*scene_, 0, TinyScene::kFrames, model_->uses_mattes(), torch::kCPU);
    maps_.emplace(*scene_, torch::kCPU);
  }

  ~LayerUpsamplerTest() override { at::set_num_threads(threads_); }

  Upsampler network(UpsampleNorm norm, double last_layer) const {
    torch::manual_seed(2);
    UpsampleOptions options;
    options.width = kNetworkWidth;
    options.norm = norm;
    Upsampler result(options, FrameLayers::input_channels(model_->options()), nullptr);
    for (auto& item : result->named_parameters())
      if (item.key().starts_with("conv8")) item.value().normal_(0, last_layer);
    return result;
  }

  torch::Tensor upsampled(UpsampleNorm norm, double last_layer, int tile) {
    FrameLayers frame(model_, *data_, *maps_, kFrame);
    return LayerUpsampler(network(norm, last_layer), tile).upsample(frame);
  }

  const torch::NoGradGuard guard_;
  test::TemporaryFolder folder_;
  std::optional<SceneReader> scene_;
  LayeredModel model_{nullptr};
  std::optional<SceneData> data_;
  std::optional<FullMaps> maps_;

 private:
  int threads_;
};

TEST_P(LayerUpsamplerTest, ZeroOutputIsBilinear) {
  FrameLayers frame(model_, *data_, *maps_, kFrame);
  const auto expected = frame.enlarged(GetParam().scale, whole(frame.size(GetParam().scale)));
  for (const auto& [word, norm] : kUpsampleNorms)
    for (const int tile : {32, 512})
      EXPECT_TRUE(torch::allclose(upsampled(norm, 0, tile), expected, 0, 2e-6)) << word << " " << tile;
}

TEST_P(LayerUpsamplerTest, TilesGiveWhatThePictureGives) {
  for (const auto& [word, norm] : kUpsampleNorms) {
    const auto once = upsampled(norm, 0.05, 512);
    EXPECT_GT((once - upsampled(norm, 0, 512)).abs().max().item<float>(), 0.05) << "the network does something";
    for (const int tile : {40, 64})
      EXPECT_LT((upsampled(norm, 0.05, tile) - once).abs().max().item<float>(), 1e-5) << word << " " << tile;
  }
}

TEST_P(LayerUpsamplerTest, LayersStayInRange) {
  const auto layers = upsampled(UpsampleNorm::kFrozen, 1, 512);
  EXPECT_LE(layers.abs().max().item<float>(), 1);
  EXPECT_EQ(layers.size(2), 64);
  EXPECT_EQ(layers.size(3), 96);
}

INSTANTIATE_TEST_SUITE_P(Ways, LayerUpsamplerTest,
                         testing::Values(Way{"correction", BackgroundKind::kPlate, LayerOutputKind::kCorrection, 2},
                                         Way{"completion", BackgroundKind::kPlate, LayerOutputKind::kCompletion, 2},
                                         Way{"neural", BackgroundKind::kNeural, LayerOutputKind::kDirect, 2},
                                         Way{"two_doublings", BackgroundKind::kPlate, LayerOutputKind::kCorrection, 4},
                                         Way{"two_doublings_direct", BackgroundKind::kPlate, LayerOutputKind::kDirect,
                                             4}),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace retime

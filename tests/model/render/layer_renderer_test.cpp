#include "model/render/layer_renderer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "format/composite.hpp"
#include "model/tiny_fit.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TinyScene;
using testing::HasSubstr;

constexpr int kBlockFrames = 5;  // 12 frames in 3 blocks

RenderOptions blocks_of(int frames, double alpha_floor = 0.01, DetailTransfer detail = DetailTransfer::kExact) {
  RenderOptions options;
  options.block_frames = frames;
  options.alpha_floor = alpha_floor;
  options.detail = detail;
  options.device = DeviceChoice::kCpu;
  options.show_progress = false;
  return options;
}

class LayerRendererTest : public testing::Test {
 protected:
  LayerRendererTest() : threads_(at::get_num_threads()) {
    at::set_num_threads(1);
    TinyScene().write(folder_ / "scene.h5");
    scene_.emplace(folder_ / "scene.h5");
  }

  ~LayerRendererTest() override { at::set_num_threads(threads_); }

  RenderReport render(const std::string& run, const RenderOptions& options = blocks_of(kBlockFrames)) {
    return render_layers(RunFolder(folder_ / run), layers_, options, Communicator());
  }

  // Largest difference in levels between a frame and the composite of its 8-bit layers.
  static double recomposition_error(const LayersReader& layers, int frame) {
    Image rgba;
    layers.read(frame, 0, rgba);
    std::vector<double> result(rgba.pixels.begin(), rgba.pixels.end());
    for (const int layer : layers.info().order[static_cast<std::size_t>(frame)]) {
      layers.read(frame, layer, rgba);
      for (std::size_t i = 0; i < result.size(); ++i) {
        const double alpha = rgba.pixels[i / 4 * 4 + 3] / 255.0;
        result[i] = alpha * rgba.pixels[i] + (1 - alpha) * result[i];
      }
    }
    const Image expected = TinyScene::full_frame(frame);
    double worst = 0;
    for (std::size_t i = 0; i < expected.pixels.size(); ++i)
      worst = std::max(worst, std::abs(std::round(result[i / 3 * 4 + i % 3]) - expected.pixels[i]));
    return worst;
  }

  // The fit of a run, as if it were one to the scene `name`.h5: the run `name`.
  void take_for_scene(const std::string& run, const std::string& name) const {
    auto checkpoint = test::newest_checkpoint(folder_ / run);
    const SceneReader scene(folder_ / (name + ".h5"));
    checkpoint.scene_fingerprint = scene.fingerprint();
    RunFolder(folder_ / name).create(scene.path(), checkpoint.config);
    write_checkpoint(CheckpointFolder(folder_ / name).path_of(checkpoint.step), checkpoint);
  }

  void expect_frames_come_back() const {
    const LayersReader layers(layers_);
    for (int t = 0; t < TinyScene::kFrames; ++t) EXPECT_LE(recomposition_error(layers, t), 1) << "frame " << t;
  }

  test::TemporaryFolder folder_;
  std::optional<SceneReader> scene_;
  const std::filesystem::path layers_ = folder_ / "layers.h5";

 private:
  int threads_;
};

TEST_F(LayerRendererTest, UneditedLayersGiveTheFramesBack) {
  test::fit(*scene_, test::tiny_config(2), folder_ / "run");
  const auto report = render("run");
  EXPECT_EQ(report.blocks_made, 3);
  EXPECT_EQ(report.blocks_kept, 0);
  expect_frames_come_back();
}

TEST_F(LayerRendererTest, LayersTellWhatTheyAre) {
  test::fit(*scene_, test::tiny_config(1), folder_ / "run");
  render("run");
  const LayersReader layers(layers_);
  EXPECT_THAT(layers.info().names, testing::ElementsAre("background", "red", "blue"));
  EXPECT_EQ(layers.info().size, scene_->info().full_size());
  EXPECT_EQ(layers.info().frame_count, TinyScene::kFrames);
  EXPECT_THAT(layers.info().order[5], testing::ElementsAre(1, 2));
  EXPECT_THAT(layers.info().order[6], testing::ElementsAre(2, 1));
  EXPECT_EQ(layers.info().source.path, "tiny.mp4");
}

// A fit from exact mattes knows the layers: identity, alpha and what is absent show in the file.
TEST_F(LayerRendererTest, LayersHoldTheirObjects) {
  test::fit(*scene_, test::tiny_config(1), folder_ / "run");
  render("run");
  const LayersReader layers(layers_);
  Image rgba;
  for (const int frame : {5, 6})  // the order changes between them
    for (int object = 0; object < 2; ++object) {
      layers.read(frame, object + 1, rgba);
      int right = 0;
      for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 96; ++x)
          right += (rgba.row(y)[4 * x + 3] > 128) == (TinyScene::visible(frame, x, y) == object);
      EXPECT_GT(right, 0.97 * 64 * 96) << "frame " << frame << " object " << object;
    }
  layers.read(11, 1, rgba);
  EXPECT_THAT(rgba.pixels, testing::Each(0)) << "the object is not in this frame";
  layers.read(0, 0, rgba);
  for (std::size_t i = 3; i < rgba.pixels.size(); i += 4) ASSERT_EQ(rgba.pixels[i], 255) << "the background is opaque";
}

TEST_F(LayerRendererTest, EveryModelGivesTheFramesBack) {
  auto batch_norm = test::tiny_config(1);
  batch_norm.model.norm = NormKind::kBatch;
  auto direct = test::tiny_config(1);
  direct.model.layer_output = LayerOutputKind::kDirect;
  const std::pair<const char*, FitConfig> fits[] = {{"batch", batch_norm},
                                                    {"direct", direct},
                                                    {"released", test::released_config(1)},
                                                    {"patent", test::patent_config(1)}};
  for (const auto& [name, config] : fits) {
    test::fit(*scene_, config, folder_ / name);
    EXPECT_EQ(render(name).blocks_made, 3) << "blocks of another fit were kept";
    SCOPED_TRACE(name);
    expect_frames_come_back();
  }
}

TEST_F(LayerRendererTest, OnlyMissingBlocksAreMade) {
  test::fit(*scene_, test::tiny_config(1), folder_ / "run");
  render("run");
  const auto block = folder_ / "layers/block_000001.h5", other = folder_ / "layers/block_000002.h5";
  const auto written = std::filesystem::last_write_time(other);
  std::filesystem::remove(block);
  std::filesystem::remove(layers_);
  const auto report = render("run");
  EXPECT_EQ(report.blocks_made, 1);
  EXPECT_EQ(report.blocks_kept, 2);
  EXPECT_EQ(std::filesystem::last_write_time(other), written);
  test::cut_in_half(other);
  EXPECT_EQ(render("run").blocks_made, 1);
  expect_frames_come_back();
}

TEST_F(LayerRendererTest, BlocksOfOtherSettingsAreMadeAgain) {
  test::fit(*scene_, test::tiny_config(1), folder_ / "run");
  render("run");
  EXPECT_EQ(render("run", blocks_of(2)).blocks_made, 6);
  EXPECT_EQ(render("run", blocks_of(2, 0.1)).blocks_made, 6);
  EXPECT_EQ(render("run", blocks_of(2, 0.1, DetailTransfer::kNone)).blocks_made, 6);
  test::fit(*scene_, test::tiny_config(2), folder_ / "run");
  EXPECT_EQ(render("run").blocks_made, 3) << "the fit went on";
}

// One frame in two shows no object in this clip of the plate: those must not count in the statistics of the norms.
TEST_F(LayerRendererTest, FramesWithoutObjectsDoNotDisturbBatchNorms) {
  auto config = test::tiny_config(2);
  config.model.norm = NormKind::kBatch;
  config.model.layer_output = LayerOutputKind::kDirect;
  test::fit(*scene_, config, folder_ / "run");
  SceneInfo info = scene_->info();
  {
    SceneWriter writer(folder_ / "sparse.h5", info);
    for (int t = 0; t < 2 * TinyScene::kFrames; ++t)
      writer.add_frame(TinyScene::base_frame(t % 2 ? 11 : t / 2), TinyScene::full_frame(t % 2 ? 11 : t / 2));
    writer.set_objects({"red", "blue"}, true);
    for (int t = 0; t < 2 * TinyScene::kFrames; ++t) {
      for (int n = 0; n < 2; ++n) writer.write_maps(t, n, TinyScene::maps(n, t % 2 ? 11 : t / 2));
      writer.write_order(t, TinyScene::order(t % 2 ? 11 : t / 2));
    }
    writer.write_plate({TinyScene::full_frame(11), Image({96, 64}, 1)},
                       {{1, 1}, std::vector<float>(72, 1), std::vector<float>(72, 0)});
    writer.commit();
  }
  render("run", blocks_of(12, 0.01, DetailTransfer::kNone));
  Image expected, found;
  LayersReader(layers_).read(5, 1, expected);
  take_for_scene("run", "sparse");
  render("sparse", blocks_of(24, 0.01, DetailTransfer::kNone));
  LayersReader(layers_).read(10, 1, found);
  EXPECT_EQ(found.pixels, expected.pixels);
}

TEST_F(LayerRendererTest, WithoutDetailTheNetworkSpeaksAlone) {
  auto config = test::tiny_config(1);
  config.model.layer_output = LayerOutputKind::kDirect;
  test::fit(*scene_, config, folder_ / "run");
  {
    SceneInfo info = scene_->info();
    info.preparation = "grey";
    SceneWriter writer(folder_ / "grey.h5", info);
    Image grey({96, 64}, 3);
    std::fill(grey.pixels.begin(), grey.pixels.end(), std::uint8_t{128});
    for (int t = 0; t < TinyScene::kFrames; ++t) writer.add_frame(TinyScene::base_frame(t), grey);
    writer.set_objects({"red", "blue"}, true);
    for (int t = 0; t < TinyScene::kFrames; ++t) {
      for (int n = 0; n < 2; ++n) writer.write_maps(t, n, TinyScene::maps(n, t));
      writer.write_order(t, TinyScene::order(t));
    }
    TinyScene().write_background(writer);
    writer.commit();
  }
  take_for_scene("run", "grey");
  const auto layers_of = [&](const char* run, DetailTransfer detail) {
    render(run, blocks_of(kBlockFrames, 0.01, detail));
    std::vector<Image> layers(3);
    for (int layer = 0; layer < 3; ++layer)
      LayersReader(layers_).read(5, layer, layers[static_cast<std::size_t>(layer)]);
    return layers;
  };
  const auto same = [](const Image& a, const Image& b) { return a.pixels == b.pixels; };
  const auto alone = layers_of("run", DetailTransfer::kNone), grey_alone = layers_of("grey", DetailTransfer::kNone);
  EXPECT_GT(recomposition_error(LayersReader(layers_), 5), 1) << "the network does not know the frame by heart";
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), grey_alone.begin(), same)) << "frames in full size do not count";
  const auto exact = layers_of("run", DetailTransfer::kExact), grey_exact = layers_of("grey", DetailTransfer::kExact);
  EXPECT_FALSE(std::equal(exact.begin(), exact.end(), grey_exact.begin(), same)) << "with detail they do";
}

// With what is kept beside them, layers give the frames back to the bit, whatever the network knows.
TEST_F(LayerRendererTest, LayersAndTheirResidualAreTheFrames) {
  auto direct = test::tiny_config(1);
  direct.model.layer_output = LayerOutputKind::kDirect;
  test::fit(*scene_, direct, folder_ / "run");
  render("run", blocks_of(kBlockFrames, 0.01, DetailTransfer::kBeside));
  const LayersReader layers(layers_);
  ASSERT_TRUE(layers.info().has_residual);
  EXPECT_GT(recomposition_error(layers, 5), 1) << "there is something beside the layers";
  std::vector<Image> pictures(3);
  FrameResidual residual;
  for (const int t : {0, 5, 6, 11}) {
    std::vector<CompositeLayer> stack{{&pictures[0]}};
    for (const int layer : layers.info().order[static_cast<std::size_t>(t)])
      stack.push_back({&pictures[static_cast<std::size_t>(layer)]});
    for (int layer = 0; layer < 3; ++layer) layers.read(t, layer, pictures[static_cast<std::size_t>(layer)]);
    layers.read_residual(t, residual);
    Image rgb;
    composite(stack, layers.info().size, rgb);
    for (std::size_t i = 0; i < rgb.pixels.size(); ++i)
      rgb.pixels[i] = static_cast<std::uint8_t>(rgb.pixels[i] + residual.values[i]);
    EXPECT_EQ(rgb.pixels, TinyScene::full_frame(t).pixels) << "frame " << t;
  }
}

// Frame 6 has the blue object behind the red one: owners are layers, whatever their depth.
TEST_F(LayerRendererTest, ResidualsAreOwnedByWhomTheFrameShows) {
  test::fit(*scene_, test::tiny_config(1), folder_ / "run");
  render("run", blocks_of(kBlockFrames, 0.01, DetailTransfer::kBeside));
  FrameResidual residual;
  LayersReader(layers_).read_residual(6, residual);
  int right = 0, owned = 0;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 96; ++x) {
      const int object = TinyScene::visible(6, x, y);
      if (object < 0) continue;
      ++owned;
      right += residual.owner.row(y)[x] == object + 1;
    }
  EXPECT_GT(right, 0.9 * owned);
}

TEST_F(LayerRendererTest, RunWithoutAValidCheckpointIsRefused) {
  RunFolder(folder_ / "run").create(scene_->path(), "");
  EXPECT_THAT(message_of<Error>([&] { render("run"); }), HasSubstr("no valid checkpoint"));
  EXPECT_THAT(message_of<Error>([&] { render("nothing"); }), HasSubstr("not the folder of a fit"));
}

TEST_F(LayerRendererTest, AnotherSceneIsRefused) {
  test::fit(*scene_, test::tiny_config(1), folder_ / "run");
  TinyScene{.preparation = "other"}.write(folder_ / "other.h5");
  auto options = blocks_of(kBlockFrames);
  options.scene = (folder_ / "other.h5").string();
  EXPECT_THAT(message_of<Error>([&] { render("run", options); }), HasSubstr("another scene"));
}

TEST(RenderOptionsTest, ValuesOutOfRangeAreRefused) {
  EXPECT_NO_THROW(RenderOptions().validate());
  EXPECT_THROW(blocks_of(0).validate(), UsageError);
  EXPECT_THROW(blocks_of(1, 0.5).validate(), UsageError);
  EXPECT_THROW(blocks_of(1, -0.1).validate(), UsageError);
}

}  // namespace
}  // namespace retime

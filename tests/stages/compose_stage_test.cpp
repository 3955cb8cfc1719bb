#include "stages/compose_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "format/layers.hpp"
#include "media/picture.hpp"
#include "ranks/alike_ranks.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

class ExportStage : public ::testing::Test {
 protected:
  void SetUp() override {
    LayersInfo info;
    info.size = {6, 4};
    info.fps = {24, 1};
    info.frame_count = 3;
    info.names = {"background", "anna"};
    info.order.assign(3, {1});
    info.fingerprint = "fit";
    fs::create_directories(layers_folder(layers_));
    LayersBlockWriter writer(layers_, info, 0);
    for (int frame = 0; frame < info.frame_count; ++frame)
      for (int layer = 0; layer < info.layer_count(); ++layer) writer.write(frame, layer, picture(frame, layer));
    writer.commit();
    write_layers_index(layers_, info);
  }

  static Image picture(int frame, int layer) {
    Image rgba({6, 4}, 4);
    std::fill(rgba.pixels.begin(), rgba.pixels.end(), static_cast<std::uint8_t>(50 + 10 * frame + layer));
    return rgba;
  }
  bool has(int layer, int frame) const {
    const auto name = "layer_0" + std::to_string(layer) + "/00000" + std::to_string(frame) + ".png";
    return fs::exists(out_ / name) && read_picture(out_ / name).pixels == picture(frame, layer).pixels;
  }

  test::TemporaryFolder folder_;
  fs::path layers_ = folder_ / "layers.h5", out_ = folder_ / "out";
};

TEST_F(ExportStage, WritesAPictureForEachLayerAndFrame) {
  export_stage(layers_, out_, Communicator());
  for (int layer = 0; layer < 2; ++layer)
    for (int frame = 0; frame < 3; ++frame) EXPECT_TRUE(has(layer, frame)) << layer << " " << frame;
}

TEST_F(ExportStage, RanksShareTheFrames) {
  export_stage(layers_, out_, test::alike_rank(1, 2));
  EXPECT_TRUE(has(0, 1) && has(1, 1));
  EXPECT_FALSE(has(0, 0) || has(0, 2));
  export_stage(layers_, out_, test::alike_rank(0, 2));
  EXPECT_TRUE(has(0, 0) && has(1, 2));
}

TEST_F(ExportStage, WritesWhatTheLayersMiss) {
  LayersInfo info = LayersReader(layers_).info();
  info.has_residual = true;
  {
    LayersBlockWriter writer(layers_, info, 0);
    for (int frame = 0; frame < 3; ++frame)
      writer.write_residual(frame,
                            {std::vector<std::int8_t>(72, static_cast<std::int8_t>(-3 * frame)), Image({6, 4}, 1)});
    writer.commit();
  }
  write_layers_index(layers_, info);
  export_stage(layers_, out_, Communicator());
  EXPECT_EQ(read_picture(out_ / "residual/000002.png").pixels, std::vector<std::uint8_t>(72, 122));
}

TEST_F(ExportStage, AMissingFileIsTold) {
  EXPECT_THROW(export_stage(folder_ / "none.h5", out_, Communicator()), Error);
}

}  // namespace
}  // namespace retime

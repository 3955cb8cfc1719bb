#include "format/layers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

LayersInfo sample_layers(int block_frames = 4) {
  LayersInfo info;
  info.size = {6, 4};
  info.fps = {24, 1};
  info.frame_count = 10;
  info.block_frames = block_frames;
  info.names = {"background", "anna", "bob"};
  for (int t = 0; t < info.frame_count; ++t)
    info.order.push_back(t < 5 ? std::vector<std::uint8_t>{1, 2} : std::vector<std::uint8_t>{2, 1});
  info.source = {"/clips/a.mp4", "0123", 0.5, true};
  info.fingerprint = "fit-1";
  return info;
}

Image picture(int frame, int layer) {
  Image image({6, 4}, 4);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>((i * 11 + static_cast<std::size_t>(frame * 16 + layer * 5)) % 256);
  return image;
}

FrameResidual residual_at(int frame) {
  FrameResidual residual{std::vector<std::int8_t>(3 * 6 * 4), Image({6, 4}, 1)};
  for (std::size_t i = 0; i < residual.values.size(); ++i)
    residual.values[i] = static_cast<std::int8_t>(static_cast<int>(i * 7) % 256 - 128 + frame);
  residual.owner.pixels[static_cast<std::size_t>(frame)] = 2;
  return residual;
}

class LayersTest : public testing::Test {
 protected:
  LayersTest() { std::filesystem::create_directories(layers_folder(path_)); }

  void write_block(const LayersInfo& info, int block) const {
    LayersBlockWriter writer(path_, info, block);
    const auto [first, last] = info.block_range(block);
    for (int t = first; t < last; ++t)
      for (int layer = 0; layer < info.layer_count(); ++layer)
        if (t != 3 || layer != 2) writer.write(t, layer, picture(t, layer));
    for (int t = first; t < last && info.has_residual; ++t) writer.write_residual(t, residual_at(t));
    writer.commit();
  }

  void write_all(const LayersInfo& info) const {
    for (int block = 0; block < info.block_count(); ++block) write_block(info, block);
    write_layers_index(path_, info);
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "layers.h5";
  const std::filesystem::path block_1_ = folder_ / "layers/block_000001.h5";
};

TEST_F(LayersTest, BlocksCoverAllFramesOnce) {
  const auto info = sample_layers();
  EXPECT_EQ(info.block_count(), 3);
  EXPECT_EQ(info.block_range(0), std::pair(0, 4));
  EXPECT_EQ(info.block_range(2), std::pair(8, 10));
}

TEST_F(LayersTest, FolderIsNamedAfterTheFile) {
  EXPECT_EQ(layers_folder("a/out.h5"), "a/out");
  EXPECT_EQ(layers_folder("a/out"), "a/out.blocks");
}

TEST_F(LayersTest, LayersComeBackThroughTheIndex) {
  write_all(sample_layers());
  const LayersReader reader(path_);
  Image rgba;
  for (int t = 0; t < 10; ++t)
    for (int layer = 0; layer < 3; ++layer) {
      if (t == 3 && layer == 2) continue;
      reader.read(t, layer, rgba);
      EXPECT_EQ(rgba.pixels, picture(t, layer).pixels) << "frame " << t << " layer " << layer;
    }
  reader.read(3, 2, rgba);
  EXPECT_THAT(rgba.pixels, testing::Each(0)) << "a layer that was never written is empty";
  EXPECT_THROW(reader.read(10, 0, rgba), Error);
}

TEST_F(LayersTest, FewBlocksStayOpenHoweverManyThereAre) {
  LayersInfo info = sample_layers(1);
  info.frame_count = 40;
  while (info.order.size() < 40) info.order.push_back(info.order.front());
  write_all(info);
  const LayersReader reader(path_);
  Image rgba;
  for (int t = 0; t < 40; ++t) {
    reader.read(t, 1, rgba);
    EXPECT_EQ(rgba.pixels, picture(t, 1).pixels) << "frame " << t;
  }
  EXPECT_EQ(reader.open_blocks(), 8);
  reader.read(0, 1, rgba);
  EXPECT_EQ(rgba.pixels, picture(0, 1).pixels) << "a block that was closed is opened again";
}

TEST_F(LayersTest, IdentityOrderAndSourceComeBack) {
  write_all(sample_layers());
  const LayersReader reader(path_);
  const auto& info = reader.info();
  EXPECT_THAT(info.names, ElementsAre("background", "anna", "bob"));
  EXPECT_EQ(info.order, sample_layers().order);
  EXPECT_EQ(info.size, (Size{6, 4}));
  EXPECT_EQ(info.frame_count, 10);
  EXPECT_EQ(info.block_frames, 4);
  EXPECT_EQ(info.fps.num, 24);
  EXPECT_EQ(info.fingerprint, "fit-1");
  EXPECT_EQ(info.source.path, "/clips/a.mp4");
  EXPECT_EQ(info.source.start_s, 0.5);
  EXPECT_TRUE(info.source.has_audio);
}

// The order of frame 5 differs from that of frame 4; a layer is the same object in both.
TEST_F(LayersTest, LayerIsTheSameObjectWhateverItsDepth) {
  write_all(sample_layers());
  const LayersReader reader(path_);
  Image before, after;
  reader.read(4, 1, before);
  reader.read(5, 1, after);
  EXPECT_EQ(before.pixels, picture(4, 1).pixels);
  EXPECT_EQ(after.pixels, picture(5, 1).pixels);
}

TEST_F(LayersTest, TreeMayBeMovedAsAWhole) {
  write_all(sample_layers());
  const auto moved = folder_ / "elsewhere";
  std::filesystem::create_directory(moved);
  std::filesystem::rename(path_, moved / "layers.h5");
  std::filesystem::rename(folder_ / "layers", moved / "layers");
  const LayersReader reader(moved / "layers.h5");
  Image rgba;
  reader.read(9, 1, rgba);
  EXPECT_EQ(rgba.pixels, picture(9, 1).pixels);
}

TEST_F(LayersTest, MissingBlockIsNamedInsteadOfReadAsZeros) {
  const auto info = sample_layers();
  write_all(info);
  std::filesystem::remove(block_1_);
  EXPECT_THAT(message_of<Error>([&] { LayersReader{path_}; }), HasSubstr("block_000001.h5"));
  EXPECT_THAT(message_of<Error>([&] { write_layers_index(path_, info); }), HasSubstr("block_000001.h5"));
}

TEST_F(LayersTest, TruncatedBlockIsNamed) {
  write_all(sample_layers());
  test::cut_in_half(block_1_);
  EXPECT_FALSE(has_layers_block(path_, sample_layers(), 1));
  EXPECT_THAT(message_of<Error>([&] { LayersReader{path_}; }), HasSubstr("block_000001.h5"));
}

TEST_F(LayersTest, DamagedDataAreFoundWhenReadAndTheBlockIsNamed) {
  write_all(sample_layers());
  // Where the compressed pixels lie is not known here: they fill most of the file, so that some of these bytes hit.
  auto bytes = test::read_bytes(block_1_);
  for (std::size_t i = bytes.size() / 4; i < bytes.size(); i += 24) bytes[i] = static_cast<char>(~bytes[i]);
  test::write_bytes(block_1_, bytes);
  EXPECT_FALSE(has_layers_block(path_, sample_layers(), 1, BlockCheck::kData));
  EXPECT_TRUE(has_layers_block(path_, sample_layers(), 2, BlockCheck::kData));
  const auto read_all = [&] {
    const LayersReader reader(path_);
    Image rgba;
    for (int t = 4; t < 8; ++t)
      for (int layer = 0; layer < 3; ++layer) reader.read(t, layer, rgba);
  };
  EXPECT_THAT(message_of<Error>(read_all), HasSubstr("block_000001.h5"));
}

TEST_F(LayersTest, BlockOfAnotherFitDoesNotCount) {
  auto info = sample_layers();
  write_all(info);
  EXPECT_TRUE(has_layers_block(path_, info, 1));
  info.fingerprint = "fit-2";
  EXPECT_FALSE(has_layers_block(path_, info, 1));
  write_block(info, 1);
  EXPECT_TRUE(has_layers_block(path_, info, 1));
  EXPECT_THAT(message_of<Error>([&] { LayersReader{path_}; }), HasSubstr("block_000001.h5"))
      << "the index is of fit 1, the block of fit 2";
}

// Ten frames in blocks of 8 end with a block of two, as long as any in blocks of 2.
TEST_F(LayersTest, BlockOfOtherFramesDoesNotCount) {
  const auto of_eight = sample_layers(8), of_two = sample_layers(2);
  write_block(of_eight, 1);
  EXPECT_TRUE(has_layers_block(path_, of_eight, 1));
  EXPECT_FALSE(has_layers_block(path_, of_two, 1));
}

TEST_F(LayersTest, UnfinishedBlockDoesNotCount) {
  const auto info = sample_layers();
  {
    LayersBlockWriter writer(path_, info, 0);
    writer.write(0, 0, picture(0, 0));
    EXPECT_FALSE(has_layers_block(path_, info, 0));
  }
  EXPECT_FALSE(has_layers_block(path_, info, 0));
  EXPECT_TRUE(std::filesystem::is_empty(layers_folder(path_)));
}

TEST_F(LayersTest, CameraLightingAndGroundContactComeBack) {
  auto info = sample_layers();
  const float unknown = std::numeric_limits<float>::quiet_NaN();
  info.lighting = {{2, 1}, std::vector<float>(30, 1.25F), std::vector<float>(60, -0.5F)};
  for (int t = 0; t < 10; ++t) {
    info.frame_from_plane.push_back({1, 0, 3.0 * t, 0, 1, 0, 0, 1e-9, 1});
    info.ground_contact.insert(info.ground_contact.end(), {unknown, static_cast<float>(t)});
  }
  info.background_observed = Image({5, 3}, 1);
  info.background_observed.pixels[7] = 255;
  info.background_bounds = {-0.5, 9.5, -0.5, 5.5};
  write_all(info);
  const auto read = LayersReader(path_).info();
  EXPECT_EQ(read.background_observed.pixels, info.background_observed.pixels);
  EXPECT_EQ(read.background_observed.size, info.background_observed.size);
  EXPECT_EQ(read.background_bounds, info.background_bounds);
  EXPECT_EQ(read.frame_from_plane, info.frame_from_plane);
  EXPECT_EQ(read.lighting.grid, info.lighting.grid);
  EXPECT_EQ(read.lighting.gain, info.lighting.gain);
  EXPECT_EQ(read.lighting.offset, info.lighting.offset);
  ASSERT_EQ(read.ground_contact.size(), 20U);
  EXPECT_TRUE(std::isnan(read.ground_contact[18]));
  EXPECT_EQ(read.ground_contact[19], 9.0F);
}

TEST_F(LayersTest, WithoutRetimingInformationThereIsNone) {
  write_all(sample_layers());
  const auto read = LayersReader(path_).info();
  EXPECT_TRUE(read.frame_from_plane.empty() && read.lighting.gain.empty() && read.ground_contact.empty());
}

int version_of(const std::filesystem::path& path, const std::string& format) {
  return static_cast<int>(h5::InputFile(path, format, 100).root().int_attribute("version"));
}

TEST_F(LayersTest, ResidualsComeBack) {
  auto info = sample_layers();
  info.has_residual = true;
  write_all(info);
  EXPECT_EQ(version_of(path_, "retime.layers"), 2);
  EXPECT_EQ(version_of(block_1_, "retime.layers.block"), 2);
  const LayersReader reader(path_);
  EXPECT_TRUE(reader.info().has_residual);
  FrameResidual found;
  for (const int t : {0, 3, 4, 9}) {
    reader.read_residual(t, found);
    EXPECT_EQ(found.values, residual_at(t).values) << "frame " << t;
    EXPECT_EQ(found.owner.pixels, residual_at(t).owner.pixels) << "frame " << t;
  }
  const h5::InputFile index(path_, "retime.layers", 100);
  EXPECT_EQ(index.root().dataset("residual").dims(), (h5::Dims{10, 4, 6, 3}));
  std::vector<std::uint8_t> owners(24);
  index.root().dataset("owner").read<std::uint8_t>({9, 0, 0}, {1, 4, 6}, owners);
  EXPECT_EQ(owners, residual_at(9).owner.pixels) << "through the index, as other programs read it";
}

TEST_F(LayersTest, LayersWithoutAResidualAreOfTheOldVersion) {
  write_all(sample_layers());
  EXPECT_EQ(version_of(path_, "retime.layers"), 1);
  EXPECT_EQ(version_of(block_1_, "retime.layers.block"), 1);
  const LayersReader reader(path_);
  EXPECT_FALSE(reader.info().has_residual);
  FrameResidual none;
  EXPECT_THAT(message_of<Error>([&] { reader.read_residual(0, none); }), HasSubstr("has no residual"));
}

TEST_F(LayersTest, BlockWithoutItsResidualIsNamed) {
  auto info = sample_layers();
  info.has_residual = true;
  write_all(info);
  write_block(sample_layers(), 1);
  EXPECT_FALSE(has_layers_block(path_, info, 1));
  EXPECT_THAT(message_of<Error>([&] { LayersReader{path_}; }), HasSubstr("block_000001.h5"));
}

TEST_F(LayersTest, DamagedResidualIsFoundWhenReadAndTheBlockIsNamed) {
  auto info = sample_layers();
  info.has_residual = true;
  write_all(info);
  auto bytes = test::read_bytes(block_1_);
  for (std::size_t i = bytes.size() / 4; i < bytes.size(); i += 12) bytes[i] = static_cast<char>(~bytes[i]);
  test::write_bytes(block_1_, bytes);
  EXPECT_FALSE(has_layers_block(path_, info, 1, BlockCheck::kData));
  const auto read_all = [&] {
    const LayersReader reader(path_);
    FrameResidual residual;
    for (int t = 4; t < 8; ++t) reader.read_residual(t, residual);
  };
  EXPECT_THAT(message_of<Error>(read_all), HasSubstr("block_000001.h5"));
}

TEST_F(LayersTest, BlockFileIsNoIndex) {
  write_all(sample_layers());
  EXPECT_THAT(message_of<Error>([&] { LayersReader{block_1_}; }), HasSubstr("is not a retime.layers file"));
}

}  // namespace
}  // namespace retime

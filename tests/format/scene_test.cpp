#include "format/scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Size kSize{6, 4};
constexpr int kFrames = 3;

Image numbered(Size size, int channels, int seed) {
  Image image(size, channels);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>((i * 7 + static_cast<std::size_t>(seed) * 31) % 256);
  return image;
}

ObjectMaps maps_of(int frame, int object, Size full) {
  const int seed = 10 * frame + object;
  return {true, numbered(kSize, 3, seed), numbered(kSize, 1, seed + 1), numbered(full, 4, seed + 2)};
}

SceneInfo sample_info() {
  SceneInfo info;
  info.size = kSize;
  info.fps = {30000, 1001};
  info.source = {"/clips/a b.mp4", "0123abcd", 1.25, true};
  info.preparation = "size=6x4";
  return info;
}

class SceneTest : public testing::Test {
 protected:
  SceneTest() {
    camera_.bounds = {-1.5, 7, 0, 4.25};
    for (int t = 0; t < kFrames; ++t) camera_.frame_from_plane.push_back({1, 0, 0.5 * t, 0, 1, 0, 0, 1e-9, 1});
    lighting_.grid = {2, 1};
    for (int i = 0; i < kFrames * 3; ++i) lighting_.gain.push_back(1.F + 0.01F * static_cast<float>(i));
    for (int i = 0; i < kFrames * 2 * 3; ++i) lighting_.offset.push_back(static_cast<float>(i) - 4.5F);
  }

  static void add_frames(SceneWriter& writer) {
    for (int t = 0; t < kFrames; ++t)
      writer.add_frame(numbered(kSize, 3, t), numbered(sample_info().full_size(), 3, t + 50));
  }

  // Two objects; the second is absent in frame 1; the order changes in frame 2.
  static void add_objects(SceneWriter& writer, bool with_mattes) {
    writer.set_objects({"anna", "bob"}, with_mattes);
    for (int t = 0; t < kFrames; ++t) {
      for (int n = 0; n < 2; ++n)
        writer.write_maps(t, n, t == 1 && n == 1 ? ObjectMaps{} : maps_of(t, n, sample_info().full_size()));
      writer.write_order(t, t == 2 ? std::vector<std::uint8_t>{1, 0} : std::vector<std::uint8_t>{0, 1});
    }
  }

  void write(bool with_everything) const {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    add_objects(writer, with_everything);
    if (with_everything) {
      writer.write_plate({numbered(sample_info().full_size(), 3, 90), numbered(sample_info().full_size(), 1, 91)},
                         lighting_);
      writer.write_camera(camera_);
    }
    writer.commit();
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "scene.h5";
  CameraPath camera_;
  SceneLighting lighting_;
};

TEST_F(SceneTest, InfoComesBack) {
  write(true);
  const SceneReader reader(path_);
  const auto& info = reader.info();
  EXPECT_EQ(info.size, kSize);
  EXPECT_EQ(info.full_size(), (Size{12, 8}));
  EXPECT_EQ(info.fps.num, 30000);
  EXPECT_EQ(info.fps.den, 1001);
  EXPECT_EQ(info.frame_count, kFrames);
  EXPECT_THAT(info.objects, ElementsAre("anna", "bob"));
  EXPECT_EQ(info.source.path, "/clips/a b.mp4");
  EXPECT_EQ(info.source.fingerprint, "0123abcd");
  EXPECT_EQ(info.source.start_s, 1.25);
  EXPECT_TRUE(info.source.has_audio);
  EXPECT_EQ(info.preparation, "size=6x4");
  EXPECT_TRUE(info.has_plate && info.has_mattes && info.has_camera);
  int parts = 0;
  for (int t = 0; t < kFrames; ++t)
    for (int n = 0; n < (t == 1 ? 1 : 2); ++n) {
      const auto iuv = maps_of(t, n, info.full_size()).iuv;
      for (std::size_t i = 0; i < iuv.pixels.size(); i += 3) parts = std::max<int>(parts, iuv.pixels[i]);
    }
  EXPECT_EQ(info.parts, parts);
}

TEST_F(SceneTest, FramesMayBeHeldAtFourTimesTheTrainingSize) {
  auto info = sample_info();
  info.scale = 4;
  SceneWriter writer(path_, info);
  writer.add_frame(numbered(kSize, 3, 0), numbered({24, 16}, 3, 1));
  EXPECT_THROW(writer.add_frame(numbered(kSize, 3, 0), numbered({12, 8}, 3, 1)), Error);
  writer.set_objects({"anna"}, true);
  const auto maps = maps_of(0, 0, {24, 16});
  writer.write_maps(0, 0, maps);
  writer.write_order(0, std::vector<std::uint8_t>{0});
  writer.commit();
  const SceneReader reader(path_);
  EXPECT_EQ(reader.info().full_size(), (Size{24, 16}));
  std::vector<std::uint8_t> matte(maps.matte.pixels.size());
  reader.read_matte(0, 0, 1, matte);
  EXPECT_EQ(matte, maps.matte.pixels);
}

TEST_F(SceneTest, PartsThatWereNotWrittenAreNotThere) {
  write(false);
  const SceneReader reader(path_);
  EXPECT_FALSE(reader.info().has_plate || reader.info().has_mattes || reader.info().has_camera);
  EXPECT_THAT(message_of<Error>([&] { reader.read_plate(); }), HasSubstr("plate/color is missing"));
  EXPECT_THROW(reader.read_camera(), Error);
}

TEST_F(SceneTest, FramesComeBackInRanges) {
  write(false);
  const SceneReader reader(path_);
  std::vector<std::uint8_t> two(2 * kSize.area() * 3);
  reader.read_base(1, 2, two);
  const auto first = numbered(kSize, 3, 1).pixels, second = numbered(kSize, 3, 2).pixels;
  EXPECT_TRUE(std::equal(first.begin(), first.end(), two.begin()));
  EXPECT_TRUE(std::equal(second.begin(), second.end(), two.begin() + static_cast<std::ptrdiff_t>(first.size())));
  EXPECT_EQ(reader.read_full(2).pixels, numbered({12, 8}, 3, 52).pixels);
  EXPECT_NO_THROW(reader.read_base(0, 0, {}));
  EXPECT_THROW(reader.read_base(2, 2, two), Error) << "past the end";
}

TEST_F(SceneTest, MapsPresenceAndOrderComeBack) {
  write(true);
  const SceneReader reader(path_);
  EXPECT_THAT(reader.presence(), ElementsAre(ElementsAre(1, 1, 1), ElementsAre(1, 0, 1)));
  EXPECT_THAT(reader.order(), ElementsAre(ElementsAre(0, 1), ElementsAre(0, 1), ElementsAre(1, 0)));
  const auto expected = maps_of(2, 1, {12, 8});
  std::vector<std::uint8_t> iuv(expected.iuv.pixels.size()), trimap(expected.trimap.pixels.size()),
      matte(expected.matte.pixels.size());
  reader.read_iuv(1, 2, 1, iuv);
  reader.read_trimap(1, 2, 1, trimap);
  reader.read_matte(1, 2, 1, matte);
  EXPECT_EQ(iuv, expected.iuv.pixels);
  EXPECT_EQ(trimap, expected.trimap.pixels);
  EXPECT_EQ(matte, expected.matte.pixels);
  reader.read_iuv(1, 1, 1, iuv);
  EXPECT_THAT(iuv, testing::Each(0)) << "maps of an absent object are zero";
}

// Maps that scenes of older versions do not have.
TEST_F(SceneTest, FullIuvAndVisibilityComeBack) {
  auto maps = maps_of(2, 1, {12, 8});
  maps.iuv_full = numbered({12, 8}, 3, 70);
  maps.visibility = numbered({12, 8}, 1, 71);
  {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    add_objects(writer, true);
    writer.write_maps(2, 1, maps);
    writer.commit();
  }
  const SceneReader reader(path_);
  EXPECT_TRUE(reader.info().has_full_iuv && reader.info().has_visibility);
  std::vector<std::uint8_t> iuv(maps.iuv_full.pixels.size()), visibility(3 * maps.visibility.pixels.size());
  reader.read_iuv_full(1, 2, 1, iuv);
  EXPECT_EQ(iuv, maps.iuv_full.pixels);
  reader.read_iuv_full(0, 2, 1, iuv);
  EXPECT_THAT(iuv, testing::Each(0)) << "every object has the dataset";
  reader.read_visibility(1, 0, 3, visibility);
  const auto frame = static_cast<std::ptrdiff_t>(maps.visibility.pixels.size());
  EXPECT_TRUE(std::equal(maps.visibility.pixels.begin(), maps.visibility.pixels.end(), visibility.begin() + 2 * frame));
  EXPECT_TRUE(std::all_of(visibility.begin() + frame, visibility.begin() + 2 * frame, [](int v) { return v == 255; }))
      << "nothing hides an absent object";
}

TEST_F(SceneTest, OlderScenesHaveNeitherFullIuvNorVisibility) {
  write(true);
  const SceneReader reader(path_);
  EXPECT_FALSE(reader.info().has_full_iuv || reader.info().has_visibility);
  std::vector<std::uint8_t> iuv(12 * 8 * 3), visibility(12 * 8);
  EXPECT_THAT(message_of<Error>([&] { reader.read_iuv_full(0, 0, 1, iuv); }), HasSubstr("prepare it again"));
  reader.read_visibility(0, 0, 1, visibility);
  EXPECT_THAT(visibility, testing::Each(255));
}

TEST_F(SceneTest, VisibilityIsThatOfMattes) {
  auto maps = maps_of(0, 0, {12, 8});
  maps.matte = {};
  maps.visibility = numbered({12, 8}, 1, 71);
  {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    add_objects(writer, false);
    writer.write_maps(0, 0, maps);
    writer.commit();
  }
  EXPECT_FALSE(SceneReader(path_).info().has_visibility);
}

TEST_F(SceneTest, PlateLightingAndCameraComeBack) {
  write(true);
  const SceneReader reader(path_);
  EXPECT_EQ(reader.read_plate().color.pixels, numbered({12, 8}, 3, 90).pixels);
  EXPECT_EQ(reader.read_plate().observed.pixels, numbered({12, 8}, 1, 91).pixels);
  EXPECT_EQ(reader.read_lighting().grid, (Size{2, 1}));
  EXPECT_EQ(reader.read_lighting().gain, lighting_.gain);
  EXPECT_EQ(reader.read_lighting().offset, lighting_.offset);
  EXPECT_EQ(reader.read_camera().frame_from_plane, camera_.frame_from_plane);
  EXPECT_EQ(reader.read_camera().bounds, camera_.bounds);
}

TEST_F(SceneTest, APanoramaMayHaveAnySize) {
  {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    writer.set_objects({"a"}, false);
    writer.write_plate({numbered({31, 9}, 3, 1), numbered({31, 9}, 1, 2)}, lighting_);
    for (int t = 0; t < kFrames; ++t) {
      writer.write_maps(t, 0, {});
      writer.write_order(t, std::array<std::uint8_t, 1>{0});
    }
    writer.commit();
  }
  const auto plate = SceneReader(path_).read_plate();
  EXPECT_EQ(plate.color.size, (Size{31, 9}));
  EXPECT_EQ(plate.color.pixels, numbered({31, 9}, 3, 1).pixels);
  EXPECT_EQ(plate.observed.pixels, numbered({31, 9}, 1, 2).pixels);
}

TEST_F(SceneTest, GroundContactComesBackOrIsUnknown) {
  write(true);
  for (const float row : SceneReader(path_).read_ground_contact()) EXPECT_TRUE(std::isnan(row));
  std::vector<float> rows(static_cast<std::size_t>(kFrames), 3.5F);
  {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    writer.set_objects({"a"}, false);
    for (int t = 0; t < kFrames; ++t) writer.write_order(t, std::array<std::uint8_t, 1>{0});
    writer.write_ground_contact(rows);
    writer.commit();
  }
  EXPECT_EQ(SceneReader(path_).read_ground_contact(), rows);
}

TEST_F(SceneTest, KeypointsComeBackOrAreNotThere) {
  write(true);
  EXPECT_FALSE(SceneReader(path_).info().has_keypoints);
  EXPECT_THAT(message_of<Error>([&] { SceneReader(path_).read_keypoints(0); }), HasSubstr("holds no keypoints"));
  std::vector<float> joints(std::size_t{kFrames} * 17 * 3);
  for (std::size_t i = 0; i < joints.size(); ++i) joints[i] = 0.5F * static_cast<float>(i);
  {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    add_objects(writer, false);
    writer.write_keypoints(0, std::vector<float>(joints.size()));
    writer.write_keypoints(1, joints);
    EXPECT_ANY_THROW(writer.write_keypoints(1, std::span(joints).first(3)));
    writer.commit();
  }
  const SceneReader reader(path_);
  ASSERT_TRUE(reader.info().has_keypoints);
  EXPECT_EQ(reader.read_keypoints(1), joints);
  EXPECT_THAT(reader.read_keypoints(0), testing::Each(0));
}

TEST_F(SceneTest, WrittenFramesCanBeReadWhileWriting) {
  SceneWriter writer(path_, sample_info());
  add_frames(writer);
  EXPECT_EQ(writer.frame_count(), kFrames);
  Image read({12, 8}, 3);
  writer.read_full_frame(1, read.pixels);
  EXPECT_EQ(read.pixels, numbered({12, 8}, 3, 51).pixels);
}

TEST_F(SceneTest, OneAtATimeWritesAFile) {
  {
    const SceneWriter writer(path_, sample_info());
    EXPECT_THAT(message_of<Error>([&] { SceneWriter second(path_, sample_info()); }), HasSubstr("is being written"));
  }
  EXPECT_NO_THROW(SceneWriter(path_, sample_info()));
  EXPECT_TRUE(std::filesystem::is_empty(path_.parent_path())) << "locks go with their writers";
}

TEST_F(SceneTest, ManyObjectsKeepTheirNumbers) {
  std::vector<std::string> names;
  for (int i = 0; i < 101; ++i) names.push_back("object " + std::to_string(i));
  {
    SceneWriter writer(path_, sample_info());
    writer.add_frame(numbered(kSize, 3, 0), numbered({12, 8}, 3, 0));
    writer.set_objects(names, false);
    std::vector<std::uint8_t> order(101);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint8_t>(100 - i);
    writer.write_order(0, order);
    writer.write_maps(0, 99, maps_of(0, 99, {12, 8}));
    writer.commit();
  }
  const SceneReader reader(path_);
  EXPECT_EQ(reader.info().objects, names);
  EXPECT_EQ(reader.presence()[99][0], 1);
}

TEST_F(SceneTest, PicturesOfAnotherSizeAreRefused) {
  SceneWriter writer(path_, sample_info());
  EXPECT_THAT(message_of<Error>([&] {
                writer.add_frame(numbered({6, 5}, 3, 0), numbered({12, 8}, 3, 0));
              }),
              testing::AllOf(HasSubstr("6x5x3"), HasSubstr("6x4x3")));
  EXPECT_THROW(writer.add_frame(numbered(kSize, 3, 0), numbered(kSize, 3, 0)), Error);
  add_frames(writer);
  writer.set_objects({"anna"}, true);
  auto maps = maps_of(0, 0, {12, 8});
  maps.matte = numbered(kSize, 4, 0);
  EXPECT_THROW(writer.write_maps(0, 0, maps), Error);
}

TEST_F(SceneTest, SceneWithoutFramesOrObjectsIsRefused) {
  {
    SceneWriter writer(path_, sample_info());
    writer.set_objects({}, false);
    writer.commit();
  }
  EXPECT_THAT(message_of<Error>([&] { SceneReader{path_}; }), HasSubstr("no frames or no objects"));
  {
    SceneWriter writer(path_, sample_info());
    add_frames(writer);
    writer.commit();
  }
  EXPECT_THROW(SceneReader{path_}, Error);
}

// Everything downstream indexes layers by these numbers.
TEST_F(SceneTest, OrderThatIsNoPermutationIsRefused) {
  SceneWriter writer(path_, sample_info());
  add_frames(writer);
  writer.set_objects({"anna", "bob"}, false);
  for (int t = 0; t < kFrames; ++t) writer.write_order(t, std::vector<std::uint8_t>{0, 1});
  writer.write_order(1, std::vector<std::uint8_t>{1, 1});
  writer.commit();
  EXPECT_THAT(message_of<Error>([&] { SceneReader{path_}; }), testing::AllOf(HasSubstr("order"), HasSubstr("frame 1")));
}

TEST_F(SceneTest, DamageIsFoundWhenTheFrameIsRead) {
  write(false);
  const auto pixels = numbered({12, 8}, 3, 51).pixels;
  test::damage_where(path_, {pixels.begin(), pixels.end()});
  const SceneReader reader(path_);
  EXPECT_NO_THROW(reader.read_full(0));
  EXPECT_THAT(message_of<Error>([&] { reader.read_full(1); }), HasSubstr("damaged"));
}

TEST_F(SceneTest, FingerprintTellsPreparationsApart) {
  write(false);
  const auto first = SceneReader(path_).fingerprint();
  write(false);
  EXPECT_EQ(SceneReader(path_).fingerprint(), first);
  {
    auto info = sample_info();
    info.preparation = "size=6x4 objects=2";
    SceneWriter writer(path_, info);
    add_frames(writer);
    add_objects(writer, false);
    writer.commit();
  }
  EXPECT_NE(SceneReader(path_).fingerprint(), first);
}

}  // namespace
}  // namespace retime

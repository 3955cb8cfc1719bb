#include "post/picture/object_picture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "core/temporary_folder.hpp"

namespace retime {
namespace {

constexpr Size kSize{64, 48};

// Two boxes on gray, the second in front where they overlap.
void write_scene(const std::filesystem::path& file, bool camera, const std::vector<std::string>& names = {"a", "b"},
                 int left_of_second = 22) {
  SceneInfo info;
  info.size = kSize;
  SceneWriter writer(file, info);
  Image base(kSize, 3), full(info.full_size(), 3);
  std::fill(base.pixels.begin(), base.pixels.end(), 90);
  std::fill(full.pixels.begin(), full.pixels.end(), 90);
  for (int t = 0; t < 2; ++t) writer.add_frame(base, full);
  writer.set_objects(names, false);
  const auto box = [](int left) {
    ObjectMaps maps{true, Image(kSize, 3), Image(kSize, 1), {}};
    for (int y = 20; y < 40; ++y)
      for (int x = left; x < left + 20; ++x) std::fill_n(maps.iuv.row(y) + 3 * x, 3, 200);
    return maps;
  };
  for (int t = 0; t < 2; ++t) {
    writer.write_maps(t, 0, box(10));
    writer.write_maps(t, 1, t == 0 ? box(left_of_second) : ObjectMaps{});
    writer.write_order(t, std::vector<std::uint8_t>{0, 1});
  }
  if (camera) writer.write_camera({{kIdentityHomography, {1, 0, -8, 0, 1, 0, 0, 0, 1}}, {-0.5, 71.5, -0.5, 47.5}});
  writer.commit();
}

std::array<int, 3> pixel(const Image& picture, int x, int y) {
  const auto* at = picture.row(y) + 3 * x;
  return {at[0], at[1], at[2]};
}

// In the upper rows; `off`: by how much a pixel may differ.
int count_color(const Image& picture, const std::array<std::uint8_t, 3>& color, int rows = 2 * kSize.height,
                int off = 0) {
  int count = 0;
  const std::size_t end = static_cast<std::size_t>(3 * picture.size.width * rows);
  for (std::size_t i = 0; i < end; i += 3)
    count += std::equal(color.begin(), color.end(), picture.pixels.begin() + static_cast<std::ptrdiff_t>(i),
                        [&](int a, int b) { return std::abs(a - b) <= off; });
  return count;
}

int count_bright(const Image& picture) {
  int count = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3)
    count += *std::min_element(picture.pixels.begin() + static_cast<std::ptrdiff_t>(i),
                               picture.pixels.begin() + static_cast<std::ptrdiff_t>(i) + 3) > 190;
  return count;
}

TEST(ObjectPictures, ShowMapsInTheObjectsColoursTheFrontOnTop) {
  const test::TemporaryFolder folder;
  write_scene(folder / "scene.h5", false);
  const SceneReader scene(folder / "scene.h5");
  const ObjectPictures pictures(scene);
  const Image both = pictures.frame(0), alone = pictures.frame(1);
  EXPECT_EQ(both.size, scene.info().full_size());
  EXPECT_EQ(pixel(both, 120, 90), (std::array{90, 90, 90}));
  EXPECT_GT(pixel(both, 30, 60)[0], pixel(both, 30, 60)[2]) << "orange";
  EXPECT_LT(pixel(both, 76, 60)[0], pixel(both, 76, 60)[2]) << "blue";
  EXPECT_LT(pixel(both, 52, 60)[0], pixel(both, 52, 60)[2]) << "blue, which is in front";
  EXPECT_GT(count_color(both, object_color(0)), 60) << "the outline, and the name";
  EXPECT_GT(count_color(both, object_color(1)), 60);
  EXPECT_EQ(count_color(alone, object_color(1)), 0);
}

TEST(ObjectPictures, NamesOfWhoIsCloseDoNotLieOnEachOther) {
  constexpr int kAboveTheBoxes = 38;
  const test::TemporaryFolder folder;
  write_scene(folder / "near.h5", false, {"aaaa", "bbbb"});
  write_scene(folder / "far.h5", false, {"aaaa", "bbbb"}, 44);
  const SceneReader near(folder / "near.h5"), far(folder / "far.h5");
  const Image beside = ObjectPictures(near).frame(0), apart = ObjectPictures(far).frame(0);
  for (const int object : {0, 1}) {
    const int letters = count_color(apart, object_color(object), kAboveTheBoxes, 80);
    EXPECT_GT(letters, 20);
    EXPECT_EQ(count_color(beside, object_color(object), kAboveTheBoxes, 80), letters);
  }
}

TEST(ObjectPictures, ShowWhereAMovingCameraLooks) {
  const test::TemporaryFolder folder;
  write_scene(folder / "still.h5", false);
  write_scene(folder / "moving.h5", true);
  const SceneReader still(folder / "still.h5"), moving(folder / "moving.h5");
  for (int t = 0; t < 2; ++t) {
    const Image without = ObjectPictures(still).frame(t), with = ObjectPictures(moving).frame(t);
    EXPECT_EQ(count_bright(without), 0);
    EXPECT_GT(count_bright(with), 20);
  }
}

}  // namespace
}  // namespace retime

#include "format/scene_work.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"
#include "format/scene.hpp"

namespace retime {
namespace {

TEST(SceneWork, ComesBackWithTheCorrections) {
  const test::TemporaryFolder folder;
  SceneWork work;
  work.steps = "7";
  work.tracks = {{"object_1", "a person\n", {{1, 0, 2, 2}, {0, 0, 0, 0}, {0, 1, 2, 1}}, {{0, 4}, {}, {1, 1}}}};
  work.people = {{1, std::vector<float>(2 * 51, 0.25F)}};
  work.camera_key = 3;
  work.backdrop_key = ~std::uint64_t{0};
  work.matte_keys = {5, 6, 7};
  work.matte_of = {1, 0, 1, 1, 0, 1};
  work.plate = {2, 1};
  work.noise = {0.5F, 1.5F};
  work.offsets = std::vector<float>(9, 2);
  work.field = {2, 1};
  work.fields = std::vector<float>(18, 3);
  {
    SceneInfo info;
    info.size = {6, 4};
    SceneWriter writer(folder / "scene.h5", info);
    for (int t = 0; t < 3; ++t) writer.add_frame(Image(info.size, 3), Image(info.full_size(), 3));
    writer.set_objects({"object_1", "object_2"}, false);
    for (int t = 0; t < 3; ++t) writer.write_order(t, std::vector<std::uint8_t>{0, 1});
    writer.write_corrections("[...]", {0, 2});
    writer.write_work(work);
    writer.commit();
  }
  const SceneReader scene(folder / "scene.h5");
  EXPECT_EQ(scene.info().corrections, "[...]");
  EXPECT_THAT(scene.info().left_out, testing::ElementsAre(0, 2));
  const auto read = scene.read_work();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->steps, "7");
  ASSERT_EQ(read->tracks.size(), 1U);
  EXPECT_EQ(read->tracks[0].notes, "a person\n");
  EXPECT_EQ(read->tracks[0].boxes, work.tracks[0].boxes);
  EXPECT_EQ(read->tracks[0].runs, work.tracks[0].runs);
  ASSERT_EQ(read->people.size(), 1U);
  EXPECT_EQ(read->people[0].first_frame, 1);
  EXPECT_EQ(read->people[0].values, work.people[0].values);
  EXPECT_EQ(read->backdrop_key, work.backdrop_key);
  EXPECT_EQ(read->matte_keys, work.matte_keys);
  EXPECT_EQ(read->matte_of, work.matte_of);
  EXPECT_EQ(read->plate, work.plate);
  EXPECT_EQ(read->noise, work.noise);
  EXPECT_EQ(read->fields, work.fields);
}

}  // namespace
}  // namespace retime

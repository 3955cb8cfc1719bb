#include "model/scene/frame_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"
#include "model/scene/sampler.hpp"
#include "model/tiny_scene.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TinyScene;
using testing::HasSubstr;

constexpr int kLongFrames = 96;
constexpr Size kLongSize{8, 6};
constexpr std::size_t kLongBytes = 3 * 8 * 6;

// Many small frames, each of one colour, whose only object is never there.
void write_long_scene(const std::filesystem::path& file) {
  SceneInfo info;
  info.size = kLongSize;
  SceneWriter writer(file, info);
  for (int t = 0; t < kLongFrames; ++t) {
    Image base(kLongSize, 3), full({16, 12}, 3);
    std::fill(base.pixels.begin(), base.pixels.end(), static_cast<std::uint8_t>(t));
    writer.add_frame(base, full);
  }
  writer.set_objects({"nobody"}, false);
  for (int t = 0; t < kLongFrames; ++t) {
    writer.write_maps(t, 0, {});
    writer.write_order(t, std::vector<std::uint8_t>{0});
  }
  writer.commit();
}

bool same(const FramePixels& a, const FramePixels& b) {
  return a.frame.pixels == b.frame.pixels &&
         std::equal(
             a.maps.begin(), a.maps.end(), b.maps.begin(), b.maps.end(), [](const ObjectMaps& x, const ObjectMaps& y) {
               return x.present == y.present && x.iuv.pixels == y.iuv.pixels && x.trimap.pixels == y.trimap.pixels &&
                      x.matte.pixels == y.matte.pixels && x.visibility.pixels == y.visibility.pixels;
             });
}

class FrameStreamTest : public testing::Test {
 protected:
  FrameStreamTest() { TinyScene().write(file_); }

  static std::size_t largest_frame(const PixelReader& reader) {
    std::size_t largest = 0;
    for (int t = 0; t < TinyScene::kFrames; ++t) largest = std::max(largest, reader.bytes(t));
    return largest;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "scene.h5";
};

TEST_F(FrameStreamTest, GivesTheFramesInAnyOrderWithinTheBudget) {
  const SceneReader scene(file_);
  const PixelReader reader(scene, true);
  for (const std::size_t frames : {1U, 2U, 5U, 100U}) {
    const std::size_t budget = frames * largest_frame(reader);
    FrameStream stream(reader, 0, TinyScene::kFrames, budget);
    std::vector<int> order;
    KeyedRandom random(7, frames, 0, 0);
    for (int i = 0; i < 60; ++i) order.push_back(static_cast<int>(random.next() % TinyScene::kFrames));
    stream.expect(order);
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i % 7 == 3)  // Something that was not expected, as a preview is.
        stream.use(5, [&](const FramePixels& pixels) { EXPECT_TRUE(same(pixels, reader.read_frame(5))); });
      if (i == 40) stream.expect({order.begin() + 40, order.end()});
      stream.use(order[i], [&](const FramePixels& pixels) {
        EXPECT_TRUE(same(pixels, reader.read_frame(order[i]))) << "frame " << order[i] << " at " << i;
      });
    }
    EXPECT_LE(stream.most_bytes(), budget);
    EXPECT_LE(stream.reads(), 60 + 2 * 9 + 16) << "each time something comes in between, a frame may have to go";
  }
}

TEST_F(FrameStreamTest, WithRoomForAllReadsEachFrameOnce) {
  const SceneReader scene(file_);
  const PixelReader reader(scene, true);
  FrameStream stream(reader, 0, TinyScene::kFrames, 100 * largest_frame(reader));
  std::vector<int> order(TinyScene::kFrames);
  std::iota(order.begin(), order.end(), 0);
  for (int epoch = 0; epoch < 3; ++epoch) {
    stream.expect(order);
    for (const int frame : order) stream.use(frame, [](const FramePixels&) {});
  }
  EXPECT_EQ(stream.reads(), TinyScene::kFrames);
}

// Of frames that are all wanted once an epoch, about as many need not be read again as there is room for. Keeping those
// that were used last would spare an eighth of the reads.
TEST_F(FrameStreamTest, KeepsWhatIsWantedSoonest) {
  write_long_scene(folder_ / "long.h5");
  const SceneReader scene(folder_ / "long.h5");
  constexpr int kRoom = 48, kEpochs = 6, kAhead = 16;
  FrameStream stream({scene, false}, 0, kLongFrames, kRoom * kLongBytes);
  const BatchSampler sampler(kLongFrames, 1, 3);
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    stream.expect(sampler.coming_frames(epoch, 0, 0, 1));
    for (const auto& step : sampler.epoch(epoch, 0, 1))
      stream.use(step[0], [&](const FramePixels& pixels) { EXPECT_EQ(pixels.frame.pixels[0], step[0]); });
  }
  EXPECT_LE(stream.reads(), kLongFrames + (kEpochs - 1) * (kLongFrames - kRoom + kAhead));
  EXPECT_LE(stream.most_bytes(), kRoom * kLongBytes);
}

TEST_F(FrameStreamTest, TooSmallABudgetIsRefused) {
  const SceneReader scene(file_);
  const PixelReader reader(scene, true);
  EXPECT_THAT(message_of<Error>([&] { FrameStream(reader, 0, TinyScene::kFrames, largest_frame(reader) - 1); }),
              HasSubstr("raise --cache-gib"));
}

TEST_F(FrameStreamTest, DamagedFrameIsAnErrorWhenItIsUsed) {
  const Image victim = TinyScene::base_frame(7);
  test::damage_where(file_, {victim.pixels.begin(), victim.pixels.end()});
  const SceneReader scene(file_);
  const PixelReader reader(scene, true);
  FrameStream stream(reader, 0, TinyScene::kFrames, 100 * largest_frame(reader));
  std::vector<int> order(TinyScene::kFrames);
  std::iota(order.begin(), order.end(), 0);
  stream.expect(order);
  for (int t = 0; t < 7; ++t) stream.use(t, [](const FramePixels&) {});
  const auto use = [&](int frame) { stream.use(frame, [](const FramePixels&) {}); };
  EXPECT_THAT(message_of<Error>([&] { use(7); }), HasSubstr("frames/base"));
  EXPECT_THAT(message_of<Error>([&] { use(7); }), HasSubstr("frames/base")) << "and stays one";
}

TEST(Shrink, RoundsMeansToTheNearestAndHalvesToTheEvenOne) {
  const std::vector<std::uint8_t> large{0, 1, 10, 11, 255, 255,  //
                                        0, 1, 11, 10, 255, 254};
  std::vector<std::uint8_t> small(3);
  shrink(large, 2, {3, 1}, 1, small);
  EXPECT_EQ(small, (std::vector<std::uint8_t>{0, 10, 255}));  // means 0.5, 10.5 and 254.75
  const std::vector<std::uint8_t> rgb{1, 2, 3, 4, 5, 6};
  std::vector<std::uint8_t> same_size(6);
  shrink(rgb, 1, {2, 1}, 3, same_size);
  EXPECT_EQ(same_size, rgb);
}

}  // namespace
}  // namespace retime

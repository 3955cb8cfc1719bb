#include "post/compose/compose.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/error.hpp"
#include "format/composite.hpp"
#include "post/thread_parts.hpp"

namespace retime {
namespace {

constexpr Size kSize = {8, 4};
constexpr int kFrames = 10;

/// A gray background and two objects, one column wide, that stand at column = frame (object 1) and in column 3 for ever
/// (object 2). The red value of an object tells its source frame.
class ToySource final : public LayerSource {
 public:
  ToySource() {
    info_.size = kSize;
    info_.rate = {10, 1};
    info_.frames = kFrames;
    info_.layer_names = {"background", "walker", "post"};
  }
  const LayerSourceInfo& info() const override { return info_; }
  std::vector<int> order(int frame) override { return frame < 5 ? std::vector<int>{1, 2} : std::vector<int>{2, 1}; }
  void read(int frame, int layer, Image& rgba) override {
    ++reads[{layer, frame}];
    rgba = Image(kSize, 4);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        const bool inside = layer == 0 || x == (layer == 1 ? frame : 3);
        p[0] = static_cast<std::uint8_t>(layer == 0 ? 90 : 100 * layer + frame);
        p[3] = inside ? 255 : 0;
      }
  }
  std::map<std::pair<int, int>, int> reads;

 private:
  LayerSourceInfo info_;
};

class MemorySink final : public FrameSink {
 public:
  void add(const Image& rgb) override { frames.push_back(rgb); }
  void skip() override { frames.emplace_back(); }
  void finish() override { finished = true; }
  int red(int frame, int x) const { return frames.at(static_cast<std::size_t>(frame)).row(0)[3 * x]; }
  std::vector<Image> frames;
  bool finished = false;
};

Edit edit_of(const std::vector<LayerEdit>& edits) {
  Edit edit;
  edit.edits = edits;
  return edit;
}

TEST(Compose, TheIdentityIsPlainCompositing) {
  ToySource source;
  MemorySink sink;
  ComposeHooks hooks;
  hooks.reference = [](int frame, Image& rgb) {
    ToySource plain;
    std::vector<Image> images(3);
    std::vector<CompositeLayer> layers;
    plain.read(frame, 0, images[0]);
    layers.push_back({&images[0]});
    for (const int layer : plain.order(frame)) {
      plain.read(frame, layer, images[static_cast<std::size_t>(layer)]);
      layers.push_back({&images[static_cast<std::size_t>(layer)]});
    }
    composite(layers, kSize, rgb);
    return true;
  };
  int calls = 0;
  hooks.progress = [&](int done, int total) {
    EXPECT_EQ(done, ++calls);
    EXPECT_EQ(total, kFrames);
  };
  const ComposeReport report = compose(source, {}, sink, {}, hooks);
  EXPECT_EQ(report.frames, kFrames);
  EXPECT_EQ(calls, kFrames);
  EXPECT_TRUE(sink.finished);
  ASSERT_TRUE(report.difference.has_value());
  EXPECT_EQ(report.difference->max, 0);
  EXPECT_EQ(report.difference->mean, 0);
  EXPECT_EQ(report.difference->frames, kFrames);
  EXPECT_EQ(report.layer_reads, 3 * kFrames);
}

TEST(Compose, ARemovedLayerIsNeverRead) {
  ToySource source;
  MemorySink sink;
  compose(source, edit_of({{{1}, Remove{}}}), sink);
  EXPECT_EQ(sink.red(6, 6), 90);
  for (const auto& [key, count] : source.reads) EXPECT_NE(key.first, 1);
}

TEST(Compose, AFrozenLayerIsReadOnce) {
  ToySource source;
  MemorySink sink;
  compose(source, edit_of({{{1}, Freeze{6, 0, 9}}}), sink);
  for (int t = 0; t < kFrames; ++t) EXPECT_EQ(sink.red(t, 6), 106);
  EXPECT_EQ((source.reads[{1, 6}]), 1);
  EXPECT_EQ((source.reads[{1, 0}]), 0);
}

TEST(Compose, AnOffsetLayerIsAbsentBeforeItsFirstFrameAndNotRead) {
  ToySource source;
  MemorySink sink;
  compose(source, edit_of({{{1}, Offset{4}}}), sink);
  EXPECT_EQ(sink.red(3, 0), 90);
  EXPECT_EQ(sink.red(4, 0), 100);
  EXPECT_EQ(sink.red(9, 5), 105);
  EXPECT_EQ((source.reads[{1, 7}]), 0);
}

TEST(Compose, CopiesAtTheSamePositionShareOneRead) {
  ToySource source;
  MemorySink sink;
  compose(source, edit_of({{{2}, Duplicate{0, 0.5, 3}}}), sink);
  EXPECT_EQ((source.reads[{2, 4}]), 1);
}

TEST(Compose, ObjectsFromDifferentFramesAreOrderedAsTheirFramesSay) {
  ToySource source;
  MemorySink sink;
  // The walker of frame 3 (behind the post there) is shown while the post's own frames 5 and later have it behind.
  compose(source, edit_of({{{1}, Freeze{3, 0, 9}}}), sink);
  EXPECT_EQ(sink.red(1, 3), 201);
  // In dispute: the post stands further front in frame 3's and the walker in frame 7's order; both ranks are lowest in
  // their own frames, so the layer listed first is in front.
  EXPECT_EQ(sink.red(7, 3), 103);
}

TEST(Compose, LoopRepeatsTheEditedClip) {
  ToySource source;
  MemorySink sink;
  Edit edit;
  edit.output_frames = 25;
  edit.loop = true;
  compose(source, edit, sink);
  ASSERT_EQ(sink.frames.size(), 25U);
  EXPECT_EQ(sink.frames[3].pixels, sink.frames[23].pixels);
}

TEST(Compose, ALongerOutputKeepsTheBackgroundOnly) {
  ToySource source;
  MemorySink sink;
  Edit edit;
  edit.output_frames = 12;
  compose(source, edit, sink);
  EXPECT_EQ(sink.red(11, 3), 90);
}

TEST(Compose, BlendMixesNeighbours) {
  ToySource source;
  MemorySink sink;
  const Speed slow = {0.5, 0, 1e9, Outside::kAbsent, Sampling::kBlend};
  compose(source, edit_of({{{2}, slow}, {{1}, Remove{}}}), sink);
  EXPECT_EQ(sink.red(4, 3), 202);
  EXPECT_NEAR(sink.red(5, 3), 202.5, 0.5);
}

TEST(Compose, TheDifferenceTellsTheWorstFrame) {
  ToySource source;
  MemorySink sink;
  ComposeHooks hooks;
  hooks.reference = [&](int frame, Image& rgb) {
    rgb = Image(kSize, 3);
    if (frame != 4) return false;
    return true;
  };
  const ComposeReport report = compose(source, edit_of({{{1, 2}, Remove{}}}), sink, {}, hooks);
  ASSERT_TRUE(report.difference.has_value());
  EXPECT_EQ(report.difference->frames, 1);
  EXPECT_EQ(report.difference->worst_frame, 4);
  EXPECT_EQ(report.difference->max, 90);
  EXPECT_NEAR(report.difference->mean, 30, 1e-9);
}

TEST(Compose, ProcessesMakeTheFramesOfOneInTurns) {
  constexpr int kParts = 3, kOutput = 45;  // fewer turns than the last round has
  Edit edit = edit_of({{{1}, Freeze{6, 2, 9}}});
  edit.output_frames = kOutput;
  edit.loop = true;
  ToySource source;
  MemorySink expected;
  compose(source, edit, expected);
  std::vector<Image> made(kOutput);
  for (int part = 0; part < kParts; ++part) {
    const FrameParts parts{part, kParts, {}};
    MemorySink sink;
    ComposeHooks hooks;
    hooks.makes = [&](int frame) { return parts.turn_of(frame) == part; };
    compose(source, edit, sink, {}, hooks);
    EXPECT_TRUE(sink.finished);
    ASSERT_EQ(sink.frames.size(), static_cast<std::size_t>(kOutput));
    for (std::size_t t = 0; t < kOutput; ++t)
      if (!sink.frames[t].pixels.empty()) {
        EXPECT_TRUE(made[t].pixels.empty()) << "frame " << t << " is made twice";
        made[t] = sink.frames[t];
      }
  }
  for (std::size_t t = 0; t < kOutput; ++t) EXPECT_EQ(made[t].pixels, expected.frames[t].pixels) << "frame " << t;
}

TEST(Compose, FramesOfOthersAreFetchedInOrder) {
  ToySource source;
  MemorySink sink;
  ComposeHooks hooks;
  std::vector<int> fetched;
  hooks.makes = [](int frame) { return frame % 2 == 0; };
  hooks.fetch = [&](int frame, Image& rgb) {
    fetched.push_back(frame);
    rgb = Image(kSize, 3);
    rgb.row(0)[0] = static_cast<std::uint8_t>(frame);
  };
  compose(source, {}, sink, {}, hooks);
  EXPECT_EQ(fetched, (std::vector<int>{1, 3, 5, 7, 9}));
  ASSERT_EQ(sink.frames.size(), 10U);
  EXPECT_EQ(sink.red(7, 0), 7);
}

TEST(Compose, TheDifferenceOverAllPartsIsThatOfOne) {
  const auto reference = [](int frame, Image& rgb) {
    rgb = Image(kSize, 3);
    return frame != 4;
  };
  const auto edit = edit_of({{{2}, Remove{}}});
  ComposeHooks hooks;
  hooks.reference = reference;
  ToySource source;
  MemorySink sink;
  const auto expected = *compose(source, edit, sink, {}, hooks).difference;
  for (const int count : {2, 3})
    test::run_parts(count, [&](const FrameParts& parts) {
      ToySource own;
      MemorySink own_sink;
      ComposeHooks own_hooks;
      own_hooks.reference = reference;
      own_hooks.makes = [&](int frame) { return parts.turn_of(frame) == parts.part; };
      const auto all = over_all_parts(compose(own, edit, own_sink, {}, own_hooks).difference, parts);
      EXPECT_EQ(all->frames, expected.frames);
      EXPECT_EQ(all->max, expected.max);
      EXPECT_EQ(all->worst_frame, expected.worst_frame);
      EXPECT_NEAR(all->mean, expected.mean, 1e-12);
    });
  EXPECT_FALSE(over_all_parts({}, {}).has_value());
}

/// A camera that pans by one pixel a frame over a background of which column x shows level 10 * x in the plane, and an
/// object that stands in column 4 of the plane, in ever brighter light.
class PanningSource final : public LayerSource {
 public:
  PanningSource() {
    info_.size = kSize;
    info_.frames = kFrames;
    info_.layer_names = {"background", "post"};
    info_.lighting.grid = {1, 1};
    for (int t = 0; t < kFrames; ++t) {
      info_.frame_from_plane.push_back({1, 0, -1.0 * t, 0, 1, 0, 0, 0, 1});
      info_.lighting.gain.insert(info_.lighting.gain.end(), 3, gain(t));
      info_.lighting.offset.insert(info_.lighting.offset.end(), 3, 0.0F);
    }
  }
  static float gain(int frame) { return 1.0F + 0.1F * static_cast<float>(frame); }
  const LayerSourceInfo& info() const override { return info_; }
  std::vector<int> order(int) override { return {1}; }
  void read(int frame, int layer, Image& rgba) override {
    rgba = Image(kSize, 4);
    for (int y = 0; y < kSize.height; ++y)
      for (int x = 0; x < kSize.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        const bool inside = layer == 0 || x + frame == 4;
        if (!inside) continue;
        p[0] = static_cast<std::uint8_t>(gain(frame) * static_cast<float>(layer == 0 ? 5 * (x + frame) : 100) + 0.5F);
        p[3] = 255;
      }
  }

 private:
  LayerSourceInfo info_;
};

TEST(Compose, ALayerOfAnotherFrameFollowsCameraAndLight) {
  PanningSource source;
  MemorySink sink;
  compose(source, edit_of({{{1}, Freeze{1, 0, 9}}}), sink);
  // Frozen at frame 1, where it stands in column 3, it stays where it is in the plane and lit as the frame is.
  for (const int t : {0, 1, 3, 4}) {
    EXPECT_NEAR(sink.red(t, 4 - t), 100 * PanningSource::gain(t), 1.5) << "frame " << t;
    EXPECT_NEAR(sink.red(t, 5), 5 * (5 + t) * PanningSource::gain(t), 1.5) << "the background is not affected";
  }
}

TEST(Compose, ABackgroundOfAnotherTimeIsSeenThroughTheFramesOwnCamera) {
  PanningSource source;
  MemorySink sink;
  compose(source, edit_of({{{0}, Freeze{2, 0, 9}}, {{1}, Remove{}}}), sink);
  for (const int t : {0, 2, 6})
    for (const int x : {0, 3, 7})
      EXPECT_NEAR(sink.red(t, x), 5 * (x + t) * PanningSource::gain(t), 1.5) << t << " " << x;
}

// Of the two frames that are blended, the older one does not show what has come into view since.
TEST(Compose, ABlendedBackgroundHasNoDarkBorders) {
  PanningSource source;
  MemorySink sink;
  compose(source, edit_of({{{0}, Speed{0.75, 0, kFrames, Outside::kHold, Sampling::kBlend}}, {{1}, Remove{}}}), sink);
  for (const int t : {1, 2, 3, 6})
    for (const int x : {0, 3, 7})
      EXPECT_NEAR(sink.red(t, x), 5 * (x + t) * PanningSource::gain(t), 1.5) << t << " " << x;
}

TEST(Compose, UneditedPicturesAreNotTouchedByCameraAndLight) {
  PanningSource source;
  MemorySink sink;
  ComposeHooks hooks;
  hooks.reference = [](int frame, Image& rgb) {
    PanningSource plain;
    std::vector<Image> images(2);
    plain.read(frame, 0, images[0]);
    plain.read(frame, 1, images[1]);
    composite(std::vector<CompositeLayer>{{&images[0]}, {&images[1]}}, kSize, rgb);
    return true;
  };
  EXPECT_EQ(compose(source, {}, sink, {}, hooks).difference->max, 0);
}

}  // namespace
}  // namespace retime

#include "post/compose/residual_pass.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "format/composite.hpp"
#include "post/compose/compose.hpp"

namespace retime {
namespace {

constexpr Size kNoisySize = {96, 40};
constexpr int kNoisyFrames = 12;
constexpr int kBody = 8;   // columns that an object covers
constexpr int kOwned = 6;  // columns to either side of it that it owns

/// Recorded frames, a plane of level 100 with two walkers in it that have shadows, noise, and layers that miss the
/// noise and a rest of 3 levels beside the walkers.
class NoisySource final : public LayerSource {
 public:
  struct Kind {
    int noise = 4;         ///< levels either way
    int pan = 0;           ///< pixels a frame
    bool is_lit = false;   ///< by light that changes
    int largest_rest = 3;  ///< beside walkers
  };
  explicit NoisySource(Kind kind) : kind_(kind) {
    info_.size = kNoisySize;
    info_.rate = {10, 1};
    info_.frames = kNoisyFrames;
    info_.layer_names = {"background", "left", "right"};
    info_.has_residual = true;
    for (int t = 0; t < kNoisyFrames && kind.pan != 0; ++t)
      info_.frame_from_plane.push_back({1, 0, -1.0 * kind.pan * t, 0, 1, 0, 0, 0, 1});
    if (kind.is_lit)
      info_.lighting = {{1, 1}, std::vector<float>(3 * kNoisyFrames, 1), std::vector<float>(3 * kNoisyFrames)};
    for (int t = 0; t < kNoisyFrames && kind.is_lit; ++t) std::fill_n(&info_.lighting.offset[3U * t], 3, 2.0F * t);
  }

  const LayerSourceInfo& info() const override { return info_; }
  std::vector<int> order(int frame) override { return frame < 6 ? std::vector<int>{1, 2} : std::vector<int>{2, 1}; }

  /// First column of an object in a frame.
  int column(int frame, int layer) const { return (layer == 1 ? 10 + 2 * frame : 64 - 2 * frame) - kind_.pan * frame; }

  void read(int frame, int layer, Image& rgba) override {
    ++reads;
    rgba = Image(kNoisySize, 4);
    const int begin = column(frame, layer);
    for (int y = 0; y < kNoisySize.height; ++y)
      for (int x = 0; x < kNoisySize.width; ++x) {
        std::uint8_t* p = rgba.row(y) + 4 * x;
        const bool inside = x >= begin && x < begin + kBody;
        if (layer > 0 && (!inside || y < 8)) continue;
        const bool shadow = layer > 0 && y >= 30;
        const int level = layer == 0 ? 100 + (kind_.is_lit ? 2 * frame : 0) : shadow ? 20 : 60 * layer;
        std::fill_n(p, 3, static_cast<std::uint8_t>(level));
        p[3] = shadow ? 120 : 255;
      }
  }

  void read_residual(int frame, FrameResidual& residual) override {
    ++residual_reads;
    residual.owner = Image(kNoisySize, 1);
    for (int y = 8; y < kNoisySize.height; ++y)
      for (int x = 0; x < kNoisySize.width; ++x)
        for (const int layer : order(frame))
          if (x >= column(frame, layer) - kOwned && x < column(frame, layer) + kBody + kOwned)
            residual.owner.row(y)[x] = static_cast<std::uint8_t>(layer);
    const Image recorded = this->recorded(frame);
    std::vector<Image> pictures;
    residual_of(recorded, layers(frame, pictures), residual);
  }

  Image recorded(int frame) {
    std::vector<Image> pictures;
    Image rgb;
    composite(layers(frame, pictures), kNoisySize, rgb);
    std::mt19937 random(static_cast<unsigned>(frame + 1));
    for (int y = 0; y < kNoisySize.height; ++y)
      for (int x = 0; x < kNoisySize.width; ++x)
        for (int c = 0; c < 3; ++c) {
          int value = rgb.row(y)[3 * x + c] - rest(frame, x, y);
          if (kind_.noise > 0) value += static_cast<int>(random() % (2U * kind_.noise + 1)) - kind_.noise;
          rgb.row(y)[3 * x + c] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
        }
    return rgb;
  }

  int reads = 0, residual_reads = 0;

 private:
  int rest(int frame, int x, int y) const {
    for (const int layer : {1, 2}) {
      const int begin = column(frame, layer), beside = std::max(begin - x, x - begin - kBody + 1);
      if (y >= 8 && beside > 0 && beside < kOwned) return kind_.largest_rest;
    }
    return 0;
  }

  std::vector<CompositeLayer> layers(int frame, std::vector<Image>& pictures) {
    pictures.resize(3);
    std::vector<int> all{0};
    for (const int layer : order(frame)) all.push_back(layer);
    std::vector<CompositeLayer> result;
    for (std::size_t i = 0; i < all.size(); ++i) {
      read(frame, all[i], pictures[i]);
      result.push_back({&pictures[i]});
    }
    return result;
  }

  Kind kind_;
  LayerSourceInfo info_;
};

class FrameKeeper final : public FrameSink {
 public:
  void add(const Image& rgb) override { frames.push_back(rgb); }
  void skip() override { frames.emplace_back(); }
  void finish() override {}
  std::vector<Image> frames;
};

std::vector<Image> composed(NoisySource& source, const std::vector<LayerEdit>& edits, Grain grain = Grain::kMatch) {
  FrameKeeper sink;
  Edit edit;
  edit.edits = edits;
  compose(source, edit, sink, {.threads = 1, .grain = grain});
  return sink.frames;
}

const NoisySource::Kind kKinds[] = {{.noise = 0}, {}, {.pan = 1}, {.pan = 1, .is_lit = true}, {.is_lit = true}};

TEST(ResidualPass, UneditedFramesAreTheRecordedOnesToTheBit) {
  for (const auto& kind : kKinds) {
    NoisySource source(kind);
    const auto frames = composed(source, {});
    for (int t = 0; t < kNoisyFrames; ++t)
      EXPECT_EQ(frames[static_cast<std::size_t>(t)].pixels, source.recorded(t).pixels) << "frame " << t;
  }
}

TEST(ResidualPass, UneditedFramesReadEachPictureOnce) {
  NoisySource source({});
  FrameKeeper sink;
  EXPECT_EQ(compose(source, {}, sink, {.threads = 1}).layer_reads, 3 * kNoisyFrames);
  EXPECT_EQ(source.residual_reads, kNoisyFrames);
}

// Frozen, offset, removed and doubled: out of reach of the object, where it was and where it came, nothing changes.
TEST(ResidualPass, UntouchedPixelsOfAnEditAreTheRecordedOnes) {
  const Verb verbs[] = {Freeze{2, 0, kNoisyFrames}, Offset{3}, Remove{}, Duplicate{4, 0.5}};
  for (const auto& kind : kKinds)
    for (const auto& verb : verbs) {
      NoisySource source(kind);
      const auto frames = composed(source, {{{1}, verb}});
      for (int t = 0; t < kNoisyFrames; ++t) {
        const Image recorded = source.recorded(t);
        const Image& frame = frames[static_cast<std::size_t>(t)];
        // The object was never right of the column that it reaches in the last frame, wherever the camera looks.
        const int right = source.column(kNoisyFrames, 1) + (kind.pan != 0 ? kind.pan * (kNoisyFrames - t) : 0) + kBody +
                          kOwned + ResidualPass::kFade;
        int same = 0, compared = 0;
        for (int y = 0; y < kNoisySize.height; ++y)
          for (int x = right; x < kNoisySize.width; ++x, ++compared)
            same += std::equal(frame.row(y) + 3 * x, frame.row(y) + 3 * x + 3, recorded.row(y) + 3 * x);
        EXPECT_EQ(same, compared) << "frame " << t << " verb " << verb.index();
      }
    }
}

TEST(ResidualPass, WhatTheOwnerHasLeftIsGoneAndFadesOutAroundIt) {
  NoisySource source({.noise = 0});
  const auto frames = composed(source, {{{1}, Remove{}}}, Grain::kNone);
  const int frame = 3, y = 20, begin = source.column(frame, 1);
  const Image& shown = frames[frame];
  const Image recorded = source.recorded(frame);
  for (int x = begin - kOwned; x < begin + kBody + kOwned; ++x) EXPECT_EQ(shown.row(y)[3 * x], 100) << "column " << x;
  EXPECT_EQ(recorded.row(y)[3 * (begin - 2)], 97) << "which was there";
  const int other = source.column(frame, 2);
  EXPECT_EQ(shown.row(y)[3 * (other - 2)], 97) << "the rest of whoever stays is there";
}

// A rest of ten levels all over the picture: no step between where it is shown and where its owner took it along.
TEST(ResidualPass, NoSeamIsLeft) {
  class Offset10 final : public LayerSource {
   public:
    explicit Offset10(NoisySource& source) : source_(source), info_(source.info()) {}
    const LayerSourceInfo& info() const override { return info_; }
    std::vector<int> order(int frame) override { return source_.order(frame); }
    void read(int frame, int layer, Image& rgba) override { source_.read(frame, layer, rgba); }
    void read_residual(int frame, FrameResidual& residual) override {
      source_.read_residual(frame, residual);
      std::fill(residual.values.begin(), residual.values.end(), std::int8_t{10});
    }

   private:
    NoisySource& source_;
    LayerSourceInfo info_;
  };
  NoisySource noisy({.noise = 0});
  Offset10 source(noisy);
  FrameKeeper sink;
  Edit edit;
  edit.edits = {{{1, 2}, Remove{}}};
  compose(source, edit, sink, {.threads = 1, .grain = Grain::kNone});
  for (const Image& frame : sink.frames) {
    int step = 0;
    for (int y = 0; y + 1 < kNoisySize.height; ++y)
      for (int x = 0; x + 1 < kNoisySize.width; ++x) {
        step = std::max(step, std::abs(frame.row(y)[3 * x] - frame.row(y)[3 * (x + 1)]));
        step = std::max(step, std::abs(frame.row(y)[3 * x] - frame.row(y + 1)[3 * x]));
      }
    EXPECT_LE(step, 2) << "ten levels in " << ResidualPass::kFade << " pixels";
    EXPECT_GT(step, 0);
  }
}

double spread(const Image& frame, int x0, int x1, int y0, int y1) {
  double sum = 0, squares = 0, count = 0;
  for (int y = y0; y < y1; ++y)
    for (int x = x0; x < x1; ++x) {
      const double value = frame.row(y)[3 * x];
      sum += value, squares += value * value, ++count;
    }
  return std::sqrt(squares / count - sum * sum / (count * count));
}

TEST(ResidualPass, HolesGetTheGrainOfTheClip) {
  for (const int pan : {0, 1}) {
    NoisySource source({.pan = pan});
    const auto grainy = composed(source, {{{1, 2}, Remove{}}}),
               plain = composed(source, {{{1, 2}, Remove{}}}, Grain::kNone);
    for (const int t : {1, 4, 9}) {
      const int begin = source.column(t, 1);
      const auto in_hole = [&](const std::vector<Image>& frames) {
        return spread(frames[static_cast<std::size_t>(t)], begin, begin + kBody, 8, kNoisySize.height);
      };
      const double outside = spread(grainy[static_cast<std::size_t>(t)], 84, kNoisySize.width, 8, kNoisySize.height);
      EXPECT_NEAR(in_hole(grainy), outside, 0.25 * outside) << "frame " << t;
      EXPECT_EQ(in_hole(plain), 0) << "frame " << t;
    }
    EXPECT_EQ(composed(source, {{{1, 2}, Remove{}}})[4].pixels, grainy[4].pixels) << "the same every time";
  }
}

TEST(ResidualPass, AFrozenBackgroundIsNoSmootherThanTheClip) {
  NoisySource source({});
  const auto frames = composed(source, {{{0}, Freeze{5, 0, kNoisyFrames}}});
  const Image recorded = source.recorded(2);
  EXPECT_NEAR(spread(frames[2], 70, kNoisySize.width, 0, kNoisySize.height),
              spread(recorded, 70, kNoisySize.width, 0, kNoisySize.height), 0.5);
}

// Who was moved keeps what his layer has: no noise of the place that he came to, and no grain.
TEST(ResidualPass, MovedBodiesStayAsTheyAre) {
  NoisySource source({});
  const auto frames = composed(source, {{{1}, Freeze{2, 0, kNoisyFrames}}});
  const int begin = source.column(2, 1);
  for (const int t : {0, 8})
    for (int x = begin; x < begin + kBody; ++x) {
      if (x >= source.column(t, 2) - kBody && x < source.column(t, 2) + 2 * kBody) continue;
      EXPECT_EQ(frames[static_cast<std::size_t>(t)].row(20)[3 * x], 60) << "frame " << t << " column " << x;
    }
}

}  // namespace
}  // namespace retime

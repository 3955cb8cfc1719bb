#include "post/compose/shown_layers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace retime {
namespace {

std::vector<int> layers_back_to_front(const std::vector<OrderedInstance>& instances) {
  std::vector<int> layers;
  for (const int i : back_to_front(instances)) layers.push_back(instances[static_cast<std::size_t>(i)].layer);
  return layers;
}

TEST(LayerOrder, OneSourceFrameKeepsItsOrder) {
  const std::vector<int> order = {3, 1, 2};
  EXPECT_EQ(layers_back_to_front({{1, order, {}}, {2, order, {}}, {3, order, {}}}), order);
}

TEST(LayerOrder, AgreeingFramesWinOverRanksAndGround) {
  // 1 stands third from behind in its frame and 2 second in its own, but both frames have 1 behind 2.
  EXPECT_EQ(layers_back_to_front({{1, {3, 4, 1, 2}, 200.0}, {2, {1, 2, 3, 4}, 100.0}}), (std::vector<int>{1, 2}));
}

TEST(LayerOrder, DisagreeingFramesAreDecidedByGroundContact) {
  EXPECT_EQ(layers_back_to_front({{1, {1, 2}, 200.0}, {2, {2, 1}, 100.0}}), (std::vector<int>{2, 1}));
  EXPECT_EQ(layers_back_to_front({{1, {2, 1}, 100.0}, {2, {1, 2}, 200.0}}), (std::vector<int>{1, 2}));
}

TEST(LayerOrder, WithoutGroundContactByTheRankInTheirOwnFrames) {
  EXPECT_EQ(layers_back_to_front({{1, {2, 1}, {}}, {2, {2, 3, 1}, {}}}), (std::vector<int>{2, 1}));
  EXPECT_EQ(layers_back_to_front({{1, {1, 2}, {}}, {2, {3, 2, 1}, {}}}), (std::vector<int>{1, 2}));
}

TEST(LayerOrder, TheFrameThatKnowsBothDecides) {
  EXPECT_EQ(layers_back_to_front({{1, {1}, {}}, {2, {2, 1}, {}}}), (std::vector<int>{2, 1}));
}

TEST(LayerOrder, CopiesOfOneLayerByGroundThenBehindTheOriginal) {
  EXPECT_EQ(back_to_front(std::vector<OrderedInstance>{{1, {1}, 100.0}, {1, {1}, 120.0}}), (std::vector<int>{0, 1}));
  EXPECT_EQ(back_to_front(std::vector<OrderedInstance>{{1, {1}, {}}, {1, {1}, {}}}), (std::vector<int>{1, 0}));
}

TEST(LayerOrder, EveryAgreedPairIsKeptWhereThatIsPossible) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<int> order = {1, 2, 3, 4, 5};
    std::shuffle(order.begin(), order.end(), random);
    std::vector<OrderedInstance> instances;
    for (int layer = 1; layer <= 5; ++layer) instances.push_back({layer, order, static_cast<double>(random() % 7)});
    std::shuffle(instances.begin(), instances.end(), random);
    EXPECT_EQ(layers_back_to_front(instances), order);
  }
}

TEST(LayerOrder, ACircleStillGivesEachInstanceOnce) {
  const std::vector<OrderedInstance> circle = {{1, {1, 2}, {}}, {2, {2, 3}, {}}, {3, {3, 1}, {}}};
  std::vector<int> sorted = back_to_front(circle);
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, (std::vector<int>{0, 1, 2}));
  EXPECT_TRUE(back_to_front({}).empty());
}

}  // namespace
}  // namespace retime

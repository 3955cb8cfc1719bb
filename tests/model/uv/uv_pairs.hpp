#pragma once

#include "model/uv/uv_task.hpp"

namespace retime::test {

/// A square about the nose, part 3 on its left half and 7 on its right, U and V the place in it.
inline UvPair square_pair(int epoch, int index) {
  constexpr int kSize = 32, kHalf = 8;
  UvPair pair;
  const int x = 10 + (7 * index + 3 * epoch) % 12, y = 10 + 5 * index % 12;
  pair.joints[kNose] = {static_cast<float>(x), static_cast<float>(y), 1};
  pair.iuv = Image({kSize, kSize}, 3);
  for (int dy = -kHalf; dy < kHalf; ++dy)
    for (int dx = -kHalf; dx < kHalf; ++dx) {
      std::uint8_t* pixel = pair.iuv.row(y + dy) + 3 * (x + dx);
      pixel[0] = dx < 0 ? 3 : 7;
      pixel[1] = static_cast<std::uint8_t>(16 * (dx + kHalf)), pixel[2] = static_cast<std::uint8_t>(16 * (dy + kHalf));
    }
  return pair;
}

/// A small network for those pairs, trained for `epochs` of three steps.
inline UvConfig tiny_uv_config(int epochs) {
  UvConfig config;
  config.size = 32;
  config.width = 4;
  config.pairs = 12;
  config.train.batch_frames = 4;
  config.train.epochs = config.train.decay_epochs = epochs;
  config.train.warmup_steps = 0;
  config.train.learning_rate = 0.01;
  config.train.checkpoint_epochs = 100;
  return config;
}

}  // namespace retime::test

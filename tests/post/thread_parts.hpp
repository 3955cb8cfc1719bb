#pragma once

#include <algorithm>
#include <barrier>
#include <functional>
#include <thread>
#include <vector>

#include "post/compose/shares.hpp"

namespace retime::test {

/// Runs `work` on `count` threads at once, as processes that share frames do; their sums go over all of them.
inline void run_parts(int count, const std::function<void(const FrameParts&)>& work) {
  std::barrier<> everybody(count);
  std::vector<std::vector<double>> values(static_cast<std::size_t>(count));
  const auto part_of = [&](int part) {
    FrameParts parts{part, count, {}};
    parts.sum_over_parts = [&, part](std::span<double> own) {
      values[static_cast<std::size_t>(part)].assign(own.begin(), own.end());
      everybody.arrive_and_wait();
      std::fill(own.begin(), own.end(), 0.0);
      for (const auto& other : values)
        for (std::size_t i = 0; i < own.size(); ++i) own[i] += other.at(i);
      everybody.arrive_and_wait();
    };
    return parts;
  };
  std::vector<std::jthread> threads;
  for (int part = 0; part < count; ++part) threads.emplace_back([&, part] { work(part_of(part)); });
}

}  // namespace retime::test

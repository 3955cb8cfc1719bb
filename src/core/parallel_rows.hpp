#pragma once

#include <algorithm>
#include <thread>
#include <vector>

namespace retime {

/// Calls `work(begin, end)` for ranges that together are the rows [0, height), on up to `threads` threads.
template <class Work>
void parallel_rows(int height, int threads, const Work& work) {
  constexpr int kLeastRows = 64;  // below this a thread costs more than it saves
  const int parts = std::clamp(height / kLeastRows, 1, std::max(threads, 1));
  const auto row_of = [&](int part) { return static_cast<int>(static_cast<long>(height) * part / parts); };
  std::vector<std::jthread> helpers;
  for (int part = 1; part < parts; ++part) helpers.emplace_back([&, part] { work(row_of(part), row_of(part + 1)); });
  work(0, row_of(1));
}

}  // namespace retime

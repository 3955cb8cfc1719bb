#pragma once

#include "post/compose/frame_parts.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Ranks as the processes that share frames. Their sums are MPI collective.
inline FrameParts frame_parts(const Communicator& communicator) {
  FrameParts parts{communicator.rank(), communicator.size(), {}};
  if (parts.parts > 1)
    parts.sum_over_parts = [communicator](std::span<double> values) {
      communicator.all_reduce(values, Reduction::kSum);
    };
  return parts;
}

}  // namespace retime

#pragma once

#include <memory>
#include <string>

#include "format/image.hpp"
#include "post/compose/shares.hpp"
#include "post/video/frame_sink.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Brings the frames of a video that ranks compose in turns to rank 0, which encodes them in order. A rank is at most
/// one turn ahead, so that memory does not grow with the video.
class FrameRelay {
 public:
  /// `size`: of the frames. There are several ranks. This call is MPI collective.
  FrameRelay(const Communicator& communicator, Size size);

  /// On rank 0: waits for a frame of another rank. Throws Error with that rank's words when it failed.
  void fetch(int frame, Image& rgb);
  /// On the other ranks: where their frames go.
  std::unique_ptr<FrameSink> sink();
  /// On the other ranks: lets rank 0 say what went wrong, and end the job when its output is cleared away; waits for
  /// that end.
  void report_failure(const std::string& message);

 private:
  class Sink;
  FrameParts parts_;
  Size size_;
  std::unique_ptr<ByteChannel> channel_;
};

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

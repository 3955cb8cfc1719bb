#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "model/scene/frame_pixels.hpp"

namespace retime {

/// Frames of a scene within a bounded memory: a thread reads them shortly before they are wanted, in the order that
/// `expect` tells, and of those that were used keeps the ones that are wanted again soonest. For one user.
class FrameStream {
 public:
  /// For frames [first, last). Throws Error if `budget` bytes cannot hold each of them.
  FrameStream(const PixelReader& reader, int first, int last, std::size_t budget);
  FrameStream(FrameStream&&) = delete;
  ~FrameStream();

  /// The frames that will be used, in that order. Replaces what was expected before.
  void expect(const std::vector<int>& frames);

  /// Calls `visit` with a frame's pixels, as soon as they are there. A frame that is not the next one expected is read
  /// in between. Throws what reading threw.
  void use(int frame, const std::function<void(const FramePixels&)>& visit);

  std::size_t budget() const { return budget_; }
  std::size_t most_bytes() const;  ///< the most that was held at any time, what is being read included
  std::int64_t reads() const;      ///< frames read so far

 private:
  void run();
  std::optional<int> next_to_read();
  bool make_room(std::size_t bytes);
  std::int64_t next_use(int frame) const;
  void put_first(int frame);

  const PixelReader reader_;
  const std::size_t budget_;

  mutable std::mutex mutex_;  // of everything below
  std::condition_variable wanted_, arrived_;
  std::map<int, FramePixels> held_;
  std::size_t bytes_ = 0, most_bytes_ = 0;
  std::int64_t reads_ = 0;
  std::deque<int> plan_;                          ///< frames that are still to be used; the first has place `place_`
  std::int64_t place_ = 0;                        ///< of the next frame to be used
  std::int64_t reading_ = 0;                      ///< place up to which frames are held or being read
  std::map<int, std::deque<std::int64_t>> uses_;  ///< places of each frame in the plan
  std::exception_ptr error_;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace retime

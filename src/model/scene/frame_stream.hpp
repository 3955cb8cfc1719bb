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
#include <span>
#include <thread>
#include <vector>

#include "format/scene.hpp"

namespace retime {

/// Everything that a fit wants of one frame at training size.
struct FramePixels {
  Image frame;                   ///< [H, W, 3]
  std::vector<ObjectMaps> maps;  ///< of all objects, mattes and visibility at training size too; empty where absent
};

/// Reads frames and maps of a scene at training size; mattes and their visibility are means of those at full size. May
/// be used by several threads at a time.
class PixelReader {
 public:
  PixelReader(const SceneReader& scene, bool with_mattes) : scene_(scene), with_mattes_(with_mattes) {}

  const SceneInfo& info() const { return scene_.info(); }
  bool with_mattes() const { return with_mattes_; }
  bool is_present(int object, int frame) const;
  /// What `read_frame(frame)` takes.
  std::size_t bytes(int frame) const;

  FramePixels read_frame(int frame) const;
  void read_base(int frame, std::span<std::uint8_t> out) const { scene_.read_base(frame, 1, out); }
  void read_iuv(int object, int frame, std::span<std::uint8_t> out) const { scene_.read_iuv(object, frame, 1, out); }
  void read_trimap(int object, int frame, std::span<std::uint8_t> out) const;
  void read_matte(int object, int frame, std::span<std::uint8_t> out) const;
  void read_visibility(int object, int frame, std::span<std::uint8_t> out) const;

 private:
  const SceneReader& scene_;
  bool with_mattes_;
};

/// Means over `factor` x `factor` pixels of `large` [factor * H, factor * W, C], rounded to the nearest, halves to the
/// even one. `factor` is 1, 2 or 4.
void shrink(std::span<const std::uint8_t> large, int factor, Size size, int channels, std::span<std::uint8_t> out);

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

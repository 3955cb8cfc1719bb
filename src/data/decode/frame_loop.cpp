#include "data/decode/frame_loop.hpp"

#include <mutex>
#include <opencv2/core/utility.hpp>

#include "core/progress.hpp"

namespace retime {

void for_frames(const std::string& label, int count, bool show_progress, const std::function<void(int)>& work) {
  Progress progress(label, "frames", count, show_progress);
  std::mutex telling;
  int done = 0;
  cv::parallel_for_({0, count}, [&](const cv::Range& frames) {
    for (int t = frames.start; t < frames.end; ++t) {
      work(t);
      const std::lock_guard lock(telling);
      progress.update(++done);
    }
  });
}

}  // namespace retime

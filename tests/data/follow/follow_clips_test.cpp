#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "data/decode/frame_source.hpp"
#include "data/follow/people_tracker.hpp"
#include "data/masks/mask_folder.hpp"
#include "media/mat.hpp"
#include "tests/data/people/people_frames.hpp"

namespace retime {
namespace {

/// Frames of a clip, held in memory.
class ClipFrames final : public FrameSequence {
 public:
  ClipFrames(const std::filesystem::path& clip, const FrameRange& range) {
    const auto source = open_frames(clip, range);
    for (Image rgb; source->next(rgb);) frames_.push_back(as_mat(rgb).clone());
  }
  int count() const override { return static_cast<int>(frames_.size()); }
  Size size() const override { return {frames_[0].cols, frames_[0].rows}; }
  cv::Mat frame(int index) const override { return frames_.at(static_cast<std::size_t>(index)).clone(); }

 private:
  std::vector<cv::Mat> frames_;
};

/// How well an object is followed.
struct Truth {
  double iou = 0;    ///< mean over the frames with a true mask, 0 where nobody is found
  int switches = 0;  ///< times that another person has most of the mask
};

/// The person whose mask is nearest to `truth` (CV_8U) in a frame, -1 for none, and their overlap.
std::pair<int, double> nearest(const std::vector<FollowedPerson>& people, int frame, const cv::Mat& truth) {
  std::pair<int, double> best{-1, 0};
  for (std::size_t i = 0; i < people.size(); ++i) {
    const cv::Mat mask = full_mask(people[i].masks.frames[static_cast<std::size_t>(frame)], {truth.cols, truth.rows});
    const double iou = static_cast<double>(cv::countNonZero(mask & truth)) / cv::countNonZero(mask | truth);
    if (iou > best.second) best = {static_cast<int>(i), iou};
  }
  return best;
}

/// The whole of the longer clips is followed only where the variable RETIME_WHOLE_CLIPS is set: that takes minutes.
class FollowClips : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("RETIME_TEST_DATA");
    if (!data) GTEST_SKIP() << "RETIME_TEST_DATA is not set";
    RETIME_NEED_PEOPLE_MODELS();
    root_ = data;
  }

  static bool takes_whole_clips() { return std::getenv("RETIME_WHOLE_CLIPS") != nullptr; }

  void follow(const std::filesystem::path& clip, FrameRange range) {
    if (takes_whole_clips()) range = {};
    const ClipFrames frames(root_ / clip, range);
    first_ = range.first;
    size_ = frames.size();
    const auto finder = people_networks(require_people_models());
    people_ = follow_people(frames, *finder, {});
    for (const auto& person : people_) fmt::print("{}: {}\n", person.masks.name, report_of(person));
  }

  /// Compares with the true masks of an object, of which the folder has `all`, up to the clip's frame `last`.
  Truth compare(const std::string& masks, int all, int object, int last = std::numeric_limits<int>::max()) const {
    const MaskFolder truth(root_ / masks, all, size_);
    Truth result;
    int frames = 0, before = -1;
    for (int t = 0; t < static_cast<int>(people_.at(0).confidence.size()) && first_ + t <= last; ++t) {
      const Image painted = truth.read(object, first_ + t);
      const cv::Mat body = as_mat(painted) > 127;
      if (cv::countNonZero(body) < 60) continue;
      const auto [person, iou] = nearest(people_, t, body);
      ++frames;
      result.iou += iou;
      if (iou < 0.3) continue;
      result.switches += before >= 0 && person != before;
      before = person;
    }
    result.iou /= std::max(1, frames);
    fmt::print("{} {}: IoU {:.3f} in {} frames, {} switches\n", masks, truth.names()[object], result.iou, frames,
               result.switches);
    return result;
  }

  std::filesystem::path root_;
  std::vector<FollowedPerson> people_;
  int first_ = 0;
  Size size_;
};

TEST_F(FollowClips, TwoWhoCrossBeforeAMovingCamera) {
  follow("boys_beach/video.mp4", {});
  EXPECT_EQ(people_.size(), 2U);
  const Truth left = compare("boys_beach/mask", 85, 0), right = compare("boys_beach/mask", 85, 1);
  EXPECT_GT(left.iou, 0.90);
  EXPECT_GT(right.iou, 0.85);
  EXPECT_EQ(left.switches + right.switches, 0);
}

TEST_F(FollowClips, APlayerBeforeAPanningCamera) {
  follow("tennis/rgb", {0, 15});
  EXPECT_EQ(people_.size(), 1U);
  EXPECT_GT(compare("tennis/mask", 70, 0).iou, takes_whole_clips() ? 0.88 : 0.85);
}

TEST_F(FollowClips, TwoInAHallWhoAreSmallAndBlurred) {
  follow("hall_monitor/video.mp4", {100, 123});
  EXPECT_EQ(people_.size(), 2U);
  // Later the mask of the first is that of a briefcase which is left behind.
  const Truth first = compare("hall_monitor/mask", 296, 0, 245), second = compare("hall_monitor/mask", 296, 1);
  EXPECT_GT(first.iou, takes_whole_clips() ? 0.69 : 0.72);
  EXPECT_GT(second.iou, 0.69);
  EXPECT_EQ(first.switches + second.switches, 0);
}

TEST_F(FollowClips, WhoComeOneByOneAreOneEach) {
  follow("room/one-by-one-person-detection.mp4", {1180, 1255});
  EXPECT_EQ(people_.size(), takes_whole_clips() ? 6U : 2U);
}

}  // namespace
}  // namespace retime

#pragma once

#include <optional>
#include <vector>

#include "core/progress.hpp"
#include "data/decode/frame_source.hpp"
#include "data/follow/people_finder.hpp"
#include "data/follow/sighting.hpp"

namespace retime {

/// Follows people by their poses: each from the box in which it is found to where the pose is lost, forwards and then
/// backwards. A tracklet ends when nobody is seen where the last pose leads, the pose jumps, or another tracklet has
/// that body; who goes on after that is a new tracklet. Who is lost within the picture is looked for a while where the
/// way led, as somebody who was behind another comes out there.
class PersonFollower {
 public:
  /// `detect_every`: frames between searches for boxes.
  PersonFollower(const FrameSequence& frames, PeopleFinder& finder, int detect_every)
      : frames_(frames), finder_(finder), detect_every_(detect_every) {}

  std::vector<Tracklet> run(bool show_progress);

 private:
  enum class Direction { kForwards = 1, kBackwards = -1 };

  void forwards(Progress& progress);
  void backwards(Progress& progress);
  /// Takes a tracklet one frame on; false where it ends.
  bool extend(Tracklet& tracklet, const cv::Mat& rgb, int frame, Direction direction);
  /// Takes `frame` from those of the tracklets (their indices) whose body there another one has, and them from
  /// `active`.
  void part_with_shared_bodies(std::vector<std::size_t>& active, int frame);
  /// Looks for people who are not known.
  void search(const cv::Mat& rgb, int frame, std::vector<std::size_t>& active);
  /// Looks for those who were lost before (in the direction of time) `frame`.
  void search_lost(const cv::Mat& rgb, int frame, Direction direction, std::vector<std::size_t>& active);
  /// A new tracklet for who is in `region`; false for nobody, and for somebody who is known.
  bool start(const cv::Mat& rgb, int frame, const PoseRegion& region, bool in_box, std::vector<std::size_t>& active);
  /// Takes from `active` who cannot be taken on to `frame`.
  void extend_all(const cv::Mat& rgb, int frame, Direction direction, std::vector<std::size_t>& active);
  /// Whose body a box is around, nullptr for nobody who is known.
  Sighting* known_in(int frame, const cv::Rect2f& box);
  bool has_hips_at(int frame, const PoseRegion& region) const;
  std::optional<Sighting> newcomer(const cv::Mat& rgb, const PoseRegion& region);
  bool has_somebody(int frame, const Sighting& body) const;

  const FrameSequence& frames_;
  PeopleFinder& finder_;
  int detect_every_;
  std::vector<Tracklet> tracklets_;
  std::vector<std::size_t> lost_;  ///< indices of tracklets that ended within the picture and are looked for
};

/// Whether a body is cut by the left or the right side of the picture.
bool is_at_side(const Sighting& body, Size frame);

/// Pixels a frame that a tracklet moves at its end, or, in the other direction of time, at its start.
cv::Point2f velocity_at_end(const Tracklet& tracklet);
cv::Point2f velocity_at_start(const Tracklet& tracklet);

}  // namespace retime

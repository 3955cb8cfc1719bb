#pragma once

#include <vector>

#include "data/complete/depth_evidence.hpp"
#include "data/complete/silhouettes.hpp"

namespace retime {

/// Completes one object where others are in front of it. It is given the silhouettes that it has in frames which show
/// it whole: those that fit what is visible of it and follow each other as they do in the clip. Frames of which little
/// was missing show it whole from then on, and where much is visible the path learns from it; then all is done again.
class ObjectCompletion {
 public:
  /// `seen` must outlive this.
  ObjectCompletion(const SeenObjects& seen, const std::vector<OrderedContact>& contacts, int object);

  /// The masks completed, one per frame; the visible ones when no frame shows the object whole.
  std::vector<BoxMask> run();
  bool is_never_whole() const { return path_.empty(); }
  /// Frames in which somebody is in front of the object, from the first in which it is seen to the last.
  const std::vector<int>& hidden_frames() const { return hidden_; }

 private:
  /// Frames that follow each other.
  struct Run {
    int first, last;
  };

  void add_fronts(const std::vector<OrderedContact>& contacts, int behind, int t);
  void find_hidden();
  std::vector<int> whole_near(const Run& run) const;
  int frames_to_whole(int t) const;
  bool is_whole(int t) const { return weights_[static_cast<std::size_t>(t)] == 1; }
  PartView view_of(int t) const;
  void complete(const Run& run);
  void lay_in(int t, const cv::Mat_<double>& costs, const std::vector<SilhouetteFit>& fits, const Silhouettes& shapes);
  void learn(int t, const BodyPlacement& place, double body_pixels);

  const SeenObjects& seen_;
  int object_;
  const std::vector<BoxMask>& masks_;
  std::vector<std::vector<bool>> fronts_;  ///< [frames][objects]: in front of this one
  std::vector<int> hidden_;
  std::vector<Run> runs_;
  std::vector<double> weights_;  ///< of the frames for the path; 1 = seen whole
  std::vector<BodyPlacement> places_, path_;
  std::vector<BoxMask> known_, result_;  ///< after the round before, after this one
};

}  // namespace retime

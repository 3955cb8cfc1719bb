#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "data/complete/completion.hpp"
#include "data/complete/depth_evidence.hpp"
#include "data/complete/silhouettes.hpp"

namespace retime {

/// Completes one object where others are in front of it. It is given the silhouettes that it has in frames which show
/// it whole: those that fit what is visible of it and follow each other as they do in the clip. Frames of which little
/// was missing show it whole from then on, and where much is visible the path learns from it; then all is done again.
class ObjectCompletion {
 public:
  /// `seen` and `guess` must outlive this.
  ObjectCompletion(const SeenObjects& seen, const std::vector<OrderedContact>& contacts, int object,
                   const BodyGuess& guess);

  /// The masks completed, one per frame; the visible ones when no frame shows the object whole.
  std::vector<BoxMask> run();
  bool is_never_whole() const { return path_.empty(); }
  /// Frames in which somebody is in front of the object, from the first in which it is seen to the last.
  const std::vector<int>& hidden_frames() const { return hidden_; }
  /// In how many of them a guess of the body told what was added.
  int guessed_frames() const { return static_cast<int>(std::count(is_guessed_.begin(), is_guessed_.end(), true)); }

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
  /// What frame `t` tells, where the path has the object; and without a path.
  PartView view_of(int t) const;
  PartView covered_view(int t) const;
  void complete(const Run& run);
  void complete_by_guesses();
  void lay_in(int t, const cv::Mat_<double>& costs, const std::vector<SilhouetteFit>& fits, const Silhouettes& shapes);
  /// Mixes a guess of the body into depths inside it of `area`, which come from silhouettes that contradict the frame
  /// by `misfit`.
  void blend_in_guess(int t, const PartView& view, double misfit, const cv::Rect& area, cv::Mat& inside);
  /// Adds what is inside (depths as CV_32F of `area` of the frame) to what is visible, where others are in front.
  void add(int t, const PartView& view, const cv::Mat& inside, const cv::Rect& area, double body_pixels);
  void learn(int t, const BodyPlacement& place, double body_pixels);
  const std::optional<BodyEstimate>& guess_at(int t);

  const SeenObjects& seen_;
  int object_;
  const std::vector<BoxMask>& masks_;
  std::vector<std::vector<bool>> fronts_;  ///< [frames][objects]: in front of this one
  std::vector<int> hidden_;
  std::vector<Run> runs_;
  std::vector<double> weights_;  ///< of the frames for the path; 1 = seen whole
  std::vector<BodyPlacement> places_, path_;
  std::vector<BoxMask> known_, result_;  ///< after the round before, after this one
  const BodyGuess& guess_;
  std::map<int, std::optional<BodyEstimate>> guesses_;  ///< asked for once
  std::vector<bool> is_guessed_;                        ///< frames in which one told what was added
};

}  // namespace retime

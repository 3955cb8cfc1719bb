#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "format/scene.hpp"
#include "post/compose/frame_parts.hpp"
#include "post/score/score_layers.hpp"
#include "post/score/score_videos.hpp"

namespace retime {

/// How far one video is from its truth.
struct VideoScore {
  VideoRequest video;
  std::optional<double> psnr;         ///< dB, all pixels
  std::optional<double> ssim;         ///< mean over frames
  std::optional<double> psnr_region;  ///< dB, in the changed region; of the background: where objects ever are
  std::optional<double> flicker;      ///< levels, background and solo videos
  int largest_difference = 0;         ///< levels
  double mean_difference = 0;         ///< levels
  int worst_frame = 0;                ///< first frame with the largest difference
};

/// All that is measured of one method on one scene.
struct Score {
  std::string name, kind;  ///< of the method and of the synthetic scene; may be empty
  std::int64_t seed = 0;
  Size size;
  int frames = 0;
  bool has_truth = false;
  std::vector<VideoScore> videos;
  std::vector<ObjectScore> objects;
  std::optional<double> clutter;  ///< without truth, see `alpha_clutter`

  const VideoScore* find(VideoKind kind) const;
};

/// Picture of a frame that the method sees or makes.
using FrameReader = std::function<Image(int frame)>;

// Processes that share the frames (`parts`) all call these and get the score of all frames.

/// Scores the videos that there are. `progress` is told each video's folder before it begins.
std::vector<VideoScore> score_videos(ScoredVideos& videos, const TruthFolder& truth,
                                     const std::optional<CameraPath>& camera,
                                     const std::function<void(const std::string&)>& progress = {},
                                     const FrameParts& parts = {});

/// Scores layers against the truth: videos and objects. Throws Error if sizes or lengths differ.
Score score_with_truth(LayerSource& source, const TruthFolder& truth, const std::optional<CameraPath>& camera,
                       const std::function<void(const std::string&)>& progress = {}, const FrameParts& parts = {});

/// Scores layers of a real clip. `recorded`: its frames, may be empty. The background's flicker is left out when the
/// camera moves.
Score score_without_truth(LayerSource& source, const FrameReader& recorded, bool moving_camera,
                          const FrameParts& parts = {});

}  // namespace retime

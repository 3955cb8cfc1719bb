#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "format/scene.hpp"
#include "post/compose/layer_source.hpp"
#include "post/compose/shares.hpp"
#include "post/edit/edit.hpp"
#include "post/score/score_layers.hpp"
#include "post/score/truth_folder.hpp"
#include "post/video/frame_sink.hpp"

namespace retime {

/// The edit of a scene's layers that gives a video; edit files are read from the folder `edits`. Throws Error for a bad
/// one.
Edit video_edit(const VideoRequest& video, const EditContext& context, const std::filesystem::path& edits);

/// The videos that a method makes of a scene.
class ScoredVideos {
 public:
  virtual ~ScoredVideos() = default;
  /// Shows frames [first, last) of a video to `sink`, which skips the others; returns false if the method has none.
  virtual bool play(const VideoRequest& video, int first, int last, FrameSink& sink) = 0;
};

/// Videos composed of layers, in memory.
class LayerVideos final : public ScoredVideos {
 public:
  /// `names`: what requests and edit files call each layer of `source`. `edits`: the folder of the edit files.
  LayerVideos(LayerSource& source, std::vector<std::string> names, std::filesystem::path edits);
  bool play(const VideoRequest& video, int first, int last, FrameSink& sink) override;

 private:
  LayerSource& source_;
  std::vector<std::string> names_;
  std::filesystem::path edits_;
};

/// Finished videos as folders of PNG frames: reconstruction/000000.png, solo/01/000000.png, ...
class VideoFolder final : public ScoredVideos {
 public:
  VideoFolder(std::filesystem::path folder, Size size, int frames)
      : folder_(std::move(folder)), size_(size), frames_(frames) {}
  bool play(const VideoRequest& video, int first, int last, FrameSink& sink) override;

 private:
  std::filesystem::path folder_;
  Size size_;
  int frames_;
};

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

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "post/compose/layer_source.hpp"
#include "post/edit/edit.hpp"
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

}  // namespace retime

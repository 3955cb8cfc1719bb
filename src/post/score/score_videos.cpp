#include "post/score/score_videos.hpp"

#include "media/picture.hpp"
#include "post/compose/compose.hpp"

namespace retime {
namespace {

bool is_removed(const VideoRequest& video, const std::string& layer) {
  switch (video.kind) {
    case VideoKind::kBackground:
      return true;
    case VideoKind::kSolo:
      return layer != video.name;
    case VideoKind::kWithout:
      return layer == video.name;
    default:
      return false;
  }
}

Edit removal(const VideoRequest& video, const std::vector<std::string>& names) {
  Edit edit;
  for (std::size_t layer = 1; layer < names.size(); ++layer)
    if (is_removed(video, names[layer])) edit.edits.push_back({{static_cast<int>(layer)}, Remove{}});
  return edit;
}

}  // namespace

Edit video_edit(const VideoRequest& video, const EditContext& context, const std::filesystem::path& edits) {
  if (video.kind == VideoKind::kEdit) return load_edit(edits / (video.name + ".json"), context);
  return removal(video, context.layer_names);
}

LayerVideos::LayerVideos(LayerSource& source, std::vector<std::string> names, std::filesystem::path edits)
    : source_(source), names_(std::move(names)), edits_(std::move(edits)) {}

bool LayerVideos::play(const VideoRequest& video, int first, int last, FrameSink& sink) {
  EditContext context = edit_context(source_.info());
  context.layer_names = names_;
  ComposeHooks hooks;
  hooks.makes = [=](int frame) { return frame >= first && frame < last; };
  compose(source_, video_edit(video, context, edits_), sink, {}, hooks);
  return true;
}

bool VideoFolder::play(const VideoRequest& video, int first, int last, FrameSink& sink) {
  const auto frames = folder_ / video.folder();
  if (!std::filesystem::is_directory(frames)) return false;
  for (int t = 0; t < frames_; ++t)
    t >= first&& t < last ? sink.add(read_picture(frames / frame_file(t), size_, 3)) : sink.skip();
  sink.finish();
  return true;
}

}  // namespace retime

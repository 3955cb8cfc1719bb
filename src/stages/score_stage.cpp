#include "stages/score_stage.hpp"

#include <filesystem>
#include <optional>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "data/geometry/camera_plane.hpp"
#include "format/scene.hpp"
#include "post/compose/layer_source.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/frame_relay.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

void tell(const std::string& part) { log_info("scoring " + part); }

std::optional<CameraPath> true_camera(const TruthFolder& truth) {
  if (!truth.info().moving_camera) return std::nullopt;
  return read_homographies(truth.path() / "homographies.txt", truth.info().training_size, truth.info().frames);
}

Score score_video_folder(const TruthFolder& truth, const std::string& folder, const FrameParts& parts) {
  if (!fs::is_directory(folder)) throw Error("cannot read the videos " + folder + " (no such folder): check the path");
  VideoFolder videos(folder, truth.info().size, truth.info().frames);
  Score score;
  score.kind = truth.info().kind;
  score.seed = truth.info().seed;
  score.size = truth.info().size;
  score.frames = truth.info().frames;
  score.has_truth = true;
  score.videos = score_videos(videos, truth, true_camera(truth), tell, parts);
  if (score.videos.empty())
    throw Error("the folder " + folder + " holds no videos: it needs folders such as reconstruction or solo/01");
  return score;
}

Score score_real_clip(LayersFileSource& source, const std::optional<SceneReader>& scene, const FrameParts& parts) {
  if (!scene) {
    log_info("no --truth and no --scene: only what the layers alone tell is scored");
    return score_without_truth(source, {}, false, parts);
  }
  const auto recorded = [&](int frame) { return scene->read_full(frame); };
  return score_without_truth(source, recorded, scene->info().has_camera, parts);
}

}  // namespace

Score score_stage(const ScoreRequest& request, const Communicator& communicator) {
  const Phase phase("scoring", Patience::kLong);
  std::optional<TruthFolder> truth;
  std::optional<LayersFileSource> source;
  std::optional<SceneReader> scene;
  run_on_all_ranks(communicator, [&] {
    if (!request.truth.empty()) truth.emplace(request.truth);
    if (request.videos.empty()) source.emplace(request.layers);
    if (!source || truth || request.scene.empty()) return;
    scene.emplace(request.scene);
    if (scene->info().full_size() != source->info().size || scene->info().frame_count != source->info().frames)
      throw Error("the scene's frames and the layers differ in size or number: name the scene they were made from");
  });
  const FrameParts parts = frame_parts(communicator);
  if (!source) return score_video_folder(*truth, request.videos, parts);
  return truth ? score_with_truth(*source, *truth, true_camera(*truth), tell, parts)
               : score_real_clip(*source, scene, parts);
}

}  // namespace retime

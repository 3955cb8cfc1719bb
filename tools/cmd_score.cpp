#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "data/geometry/camera_plane.hpp"
#include "format/scene.hpp"
#include "post/compose/layer_source.hpp"
#include "post/score/score_report.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/rank_parts.hpp"
#include "tools/command_line.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

/// What `retime score` is asked for.
struct ScoreRequest {
  std::string layers, truth, videos, scene, json, name;
};

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

Score score_real_clip(LayersFileSource& source, const std::string& scene_file, const FrameParts& parts) {
  if (scene_file.empty()) {
    log_info("no --truth and no --scene: only what the layers alone tell is scored");
    return score_without_truth(source, {}, false, parts);
  }
  const SceneReader scene(scene_file);
  if (scene.info().full_size() != source.info().size || scene.info().frame_count != source.info().frames)
    throw Error("the scene's frames and the layers differ in size or number: name the scene they were made from");
  const auto recorded = [&](int frame) { return scene.read_full(frame); };
  return score_without_truth(source, recorded, scene.info().has_camera, parts);
}

Score score_of(const ScoreRequest& request, const Communicator& communicator) {
  std::optional<TruthFolder> truth;
  std::optional<LayersFileSource> source;
  run_on_all_ranks(communicator, [&] {
    if (!request.truth.empty()) truth.emplace(request.truth);
    if (request.videos.empty()) source.emplace(request.layers);
  });
  const FrameParts parts = frame_parts(communicator);
  if (!source) return score_video_folder(*truth, request.videos, parts);
  return truth ? score_with_truth(*source, *truth, true_camera(*truth), tell, parts)
               : score_real_clip(*source, request.scene, parts);
}

bool asks_for_videos(const CommandContext& context) {
  return std::any_of(context.arguments.begin(), context.arguments.end(),
                     [](const std::string& argument) { return argument.starts_with("--videos"); });
}

}  // namespace

int cmd_score(const CommandContext& context) {
  ScoreRequest request;
  CommandLine line(
      "score", "layers.h5 --truth DIR [options] | --videos DIR --truth DIR",
      "Measures layers, or finished videos, against the known truth of a synthetic scene. Without a\n"
      "truth: what can be told of layers of a real clip (see docs/score.md). Under mpirun or srun, ranks share "
      "the frames.");
  line.table().add("files", "truth", request.truth, "folder made by retime synth");
  line.table().add("files", "scene", request.scene, "without truth: the scene file that the layers were made from");
  line.table().add("files", "videos", request.videos,
                   "score finished videos instead: folder of reconstruction/, solo/01/, ... with PNG frames");
  line.table().add("files", "json", request.json, "file to write the numbers to");
  line.table().add("files", "name", request.name, "name of the method, for the table and the JSON file");
  const bool videos = asks_for_videos(context);
  const auto files = line.parse(context, videos ? 0 : 1);
  if (!files) return kExitOk;
  if (videos) require_option("score --videos", "truth", request.truth);
  if (!videos) request.layers = files->at(0);
  if (context.communicator.is_root() && !request.json.empty()) check_writable(request.json);
  Score score = score_of(request, context.communicator);
  if (!context.communicator.is_root()) return kExitOk;
  score.name = request.name;
  std::printf("%s", score_table(score).c_str());
  if (!request.json.empty()) write_text_file(request.json, score_json(score).dump(2) + "\n");
  return kExitOk;
}

}  // namespace retime

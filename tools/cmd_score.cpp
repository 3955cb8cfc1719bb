#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/files.hpp"
#include "post/score/score_report.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/score_stage.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

bool asks_for_videos(const CommandContext& context) {
  return std::any_of(context.arguments.begin(), context.arguments.end(),
                     [](const std::string& argument) { return argument.starts_with("--videos"); });
}

}  // namespace

int cmd_score(const CommandContext& context) {
  ScoreRequest request;
  std::string json, name;
  CommandLine line(
      "score", "layers.h5 --truth DIR [options] | --videos DIR --truth DIR",
      "Measures layers, or finished videos, against the known truth of a synthetic scene. Without a\n"
      "truth: what can be told of layers of a real clip (see docs/score.md). Under mpirun or srun, ranks share "
      "the frames.");
  line.table().add("files", "truth", request.truth, "folder made by retime synth");
  line.table().add("files", "scene", request.scene, "without truth: the scene file that the layers were made from");
  line.table().add("files", "videos", request.videos,
                   "score finished videos instead: folder of reconstruction/, solo/01/, ... with PNG frames");
  line.table().add("files", "json", json, "file to write the numbers to");
  line.table().add("files", "name", name, "name of the method, for the table and the JSON file");
  const bool videos = asks_for_videos(context);
  const auto files = line.parse(context, videos ? 0 : 1, [&](const auto&) {
    if (videos) require_option("score --videos", "truth", request.truth);
  });
  if (!files) return kExitOk;
  if (!videos) request.layers = files->at(0);
  run_on_root(context.communicator, [&] {
    if (!json.empty()) check_writable(json);
  });
  Score score = score_stage(request, context.communicator);
  run_on_root(context.communicator, [&] {
    score.name = name;
    std::printf("%s", score_table(score).c_str());
    if (!json.empty()) write_text_file(json, score_json(score).dump(2) + "\n");
  });
  return kExitOk;
}

}  // namespace retime

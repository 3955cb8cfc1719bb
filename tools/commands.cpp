#include <algorithm>

#include "tools/command.hpp"

// Both programs share the table; only the computing one links what computes.
#ifdef RETIME_COMPUTES
#define RETIME_COMPUTED_BY(function) function
#else
#define RETIME_COMPUTED_BY(function) nullptr
#endif

namespace retime {
namespace {

constexpr Command kCommands[] = {
#ifdef RETIME_VIDEO
    {"run", "from a clip to layers and a retimed video, in one go", RETIME_COMPUTED_BY(cmd_run)},
    {"catalog", "many videos: run, submit, status, retry, page", cmd_catalog, /*starts_programs=*/true},
    {"prepare", "clip -> scene.h5: frames, objects, background", cmd_prepare},
#endif
    {"train", "scene.h5 -> run folder: fit the layers", RETIME_COMPUTED_BY(cmd_train)},
    {"render", "run folder -> layers.h5: RGBA layers", RETIME_COMPUTED_BY(cmd_render)},
#ifdef RETIME_VIDEO
    {"compose", "layers.h5 + edit file -> video", cmd_compose},
    {"export", "layers.h5 -> PNG files for an editor", cmd_export},
#endif
    {"info", "what files hold, how far fits and runs are", cmd_info},
#ifdef RETIME_VIDEO
    {"synth", "draws a clip together with its truth", cmd_synth},
    {"score", "layers against a known truth", cmd_score},
    {"uv", "the network from joints to body maps: train, score, predict", RETIME_COMPUTED_BY(cmd_uv)},
    {"uv predict", "", cmd_uv_predict},
    {"baseline", "scene.h5 -> layers or videos to compare a fit with", RETIME_COMPUTED_BY(cmd_baseline)},
#endif
    {"bench", "speed of a training step on this machine", RETIME_COMPUTED_BY(cmd_bench)},
    {"gpus", "", RETIME_COMPUTED_BY(cmd_gpus)},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(const std::string& name) {
  const auto* const found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                         [&](const Command& command) { return name == command.name; });
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace retime

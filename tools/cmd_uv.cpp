#include <cstdio>

#include "core/error.hpp"
#include "model/config/uv_config.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/compute/uv_stages.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

int uv_train_word(const CommandContext& context) {
  UvConfig config;
  std::string output;
  CommandLine line("uv train", "-o RUN [options]",
                   "Trains the network that tells the map of a body (parts, U and V) from its joints, on endless drawn "
                   "bodies or on real ones (--pairs-from). Run it again to go on after a stop; under mpirun or srun, "
                   "ranks share the pairs.\nAt its end "
                   "RUN/network.h5 holds the network.");
  line.table().add("files", "output", output, "folder of the training (checkpoints, metrics, the network)");
  line.table().add_short('o', "output");
  config.add_to(line.table());
  const auto check = [&](const auto&) {
    require_option("uv train", "output", output);
    config.validate();
  };
  if (!line.parse(context, 0, check)) return kExitOk;
  uv_train_stage(output, config, context.communicator);
  return kExitOk;
}

int uv_score_word(const CommandContext& context) {
  int count = 512;
  std::string pairs_from;
  CommandLine line("uv score", "NETWORK|RUN [options]",
                   "Tells how well a network does on drawn bodies that no training sees, or on real ones.");
  line.table().add("uv", "bodies", count, "how many");
  line.table().add("uv", "pairs-from", pairs_from,
                   "folder of real people in the released layout (keypoints.json, iuv), instead of drawn bodies");
  const auto files = line.parse(context, 1, [&](const auto&) { require(count >= 1, "bodies must be at least 1"); });
  if (!files) return kExitOk;
  run_on_root(context.communicator,
              [&] { std::printf("%s", uv_score_stage(files->at(0), count, pairs_from).c_str()); });
  return kExitOk;
}

}  // namespace

int cmd_uv(const CommandContext& context) {
  const std::string word = context.arguments.empty() ? "" : context.arguments[0];
  if (word.empty() || word == "--help" || word == "-h") {
    if (context.communicator.is_root())
      std::printf(
          "usage: retime uv train -o RUN [options]\n       retime uv score NETWORK|RUN [options]\n"
          "       retime uv predict scene.h5|KEYPOINTS -o DIR [options]\n\n"
          "The network that tells the map of a body from its joints. retime uv WORD --help tells more.\n");
    return word.empty() ? kExitUsage : kExitOk;
  }
  const CommandContext rest{
      {context.arguments.begin() + 1, context.arguments.end()}, context.communicator, context.set_rank_timeout};
  if (word == "train") return uv_train_word(rest);
  if (word == "score") return uv_score_word(rest);
  throw UsageError("retime uv knows no '" + word + "'" + suggestion(word, {"train", "score", "predict"}) +
                   ": use train, score or predict");
}

}  // namespace retime

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/options.hpp"
#include "dist/build_identity.hpp"
#include "dist/mpi_session.hpp"
#include "dist/watchdog.hpp"
#include "ranks/launch_environment.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/command.hpp"
#include "tools/thread_waiting.hpp"

namespace retime {
namespace {

constexpr Command kCommands[] = {
#ifdef RETIME_VIDEO
    {"run", "from a clip to layers and a retimed video, in one go", cmd_run},
    {"catalog", "many videos: run, submit, status, retry, page", cmd_catalog},
    {"prepare", "clip -> scene.h5: frames, objects, background", cmd_prepare},
#endif
    {"train", "scene.h5 -> run folder: fit the layers", cmd_train},
    {"render", "run folder -> layers.h5: RGBA layers", cmd_render},
#ifdef RETIME_VIDEO
    {"compose", "layers.h5 + edit file -> video", cmd_compose},
    {"export", "layers.h5 -> PNG files for an editor", cmd_export},
    {"info", "what a scene, layers or checkpoint file holds", cmd_info},
    {"synth", "draws a clip together with its truth", cmd_synth},
    {"score", "layers against a known truth", cmd_score},
    {"baseline", "scene.h5 -> layers or videos to compare a fit with", cmd_baseline},
#endif
    {"bench", "speed of a training step on this machine", cmd_bench},
};

void print_help() {
  std::printf("retime %s: splits a video of moving people into layers and moves them in time\n\n", RETIME_VERSION);
  std::printf("usage: retime COMMAND ... (retime COMMAND --help tells more)\n\n");
  for (const auto& command : kCommands) std::printf("  %-10s%s\n", command.name, command.summary);
}

int dispatch(const std::string& name, const CommandContext& context) {
  if (name.empty() || name == "--help" || name == "-h" || name == "help") {
    if (context.communicator.is_root()) print_help();
    return name.empty() ? kExitUsage : kExitOk;
  }
  if (name == "--version") {
    if (context.communicator.is_root()) std::printf("retime %s\n", RETIME_VERSION);
    return kExitOk;
  }
  std::vector<std::string> known;
  for (const auto& command : kCommands) {
    if (name == command.name) return command.run(context);
    known.emplace_back(command.name);
  }
  throw UsageError("unknown command '" + name + "'" + suggestion(name, known) + ": see retime --help");
}

// Whether the command line asks for work that LibTorch's threads share.
bool computes(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  return name == "run" || name == "train" || name == "render" || name == "bench" || name == "baseline";
}

// A catalog starts programs, which a process with MPI must not do.
bool starts_programs(int argc, char** argv) { return argc > 1 && std::string(argv[1]) == "catalog"; }

// Where ranks fail alike, the first to speak has ended the job before the next one does.
void wait_for_turn(int rank) { std::this_thread::sleep_for(std::chrono::milliseconds(300 * std::min(rank, 5))); }

// Says why a rank failed; ends the other ranks, which would wait for it forever.
int fail(const std::string& message, int code, const CommandContext& context) {
  const auto& world = context.communicator;
  if (world.size() == 1) {
    log_error(message);
    return code;
  }
  wait_for_turn(world.rank());
  if (context.watchdog->is_ending()) abort_job(code);
  log_error(message + " [rank " + std::to_string(world.rank()) + ", host " + world.host() + ", in the phase " +
            phase_of_failure() + "]");
  context.watchdog->announce_end();
  abort_job(code);
}

void require_one_process(const LaunchEnvironment& launch) {
  if (launch.expected_size > 1)
    throw UsageError("a catalog is worked on by one process, but the launcher started " +
                     std::to_string(launch.expected_size) + " (" + launch.source +
                     "): start one, or give each task of the array one");
}

void check_ranks(const std::string& name, const Communicator& communicator) {
  require_same_on_all_ranks(communicator, "the build", build_identity());
  require_same_on_all_ranks(communicator, "the command", name);
}

// All ranks stop together after a checkpoint, and all find the same fault in a command line: neither wants aborting,
// and one rank tells.
int run_program(const std::string& name, const CommandContext& context) {
  try {
    check_ranks(name, context.communicator);
    return dispatch(name, context);
  } catch (const Stopped& stopped) {
    if (context.communicator.is_root()) log_info(stopped.what());
    return stopped.exit_code();
  } catch (const UsageError& error) {
    if (context.communicator.is_root()) log_error(error.what());
    return error.exit_code();
  } catch (const AgreedError& error) {
    if (context.communicator.is_root()) log_error(error.what());
    return error.exit_code();
  } catch (const Error& error) {
    return fail(error.what(), error.exit_code(), context);
  } catch (const std::bad_alloc&) {
    return fail("out of memory: use a smaller --size or fewer frames", kExitFailure, context);
  } catch (const std::exception& error) {
    return fail(std::string("unexpected failure: ") + error.what(), kExitFailure, context);
  }
}

}  // namespace
}  // namespace retime

int main(int argc, char** argv) {
  if (retime::computes(argc, argv)) retime::limit_thread_spinning(argv);
  const auto launch = retime::read_launch_environment();
  try {
    std::optional<retime::MpiSession> session;
    if (retime::starts_programs(argc, argv))
      retime::require_one_process(launch);
    else
      session.emplace();
    const auto world = session ? session->world() : retime::Communicator();
    retime::setup_logging("info", {world.rank(), world.size()});
    retime::Watchdog watchdog(world);
    retime::CommandContext context{{argv + std::min(argc, 2), argv + argc}, world, &watchdog};
    return retime::run_program(argc > 1 ? argv[1] : "", context);
  } catch (const retime::Error& error) {
    if (launch.rank == 0) std::fprintf(stderr, "error %s\n", error.what());
    return error.exit_code();
  }
}

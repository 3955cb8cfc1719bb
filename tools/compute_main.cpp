#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "dist/build_identity.hpp"
#include "dist/mpi_session.hpp"
#include "dist/watchdog.hpp"
#include "ranks/launch_environment.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/computing_program.hpp"
#include "tools/invocation.hpp"

namespace retime {
namespace {

// Where ranks fail alike, the first to speak has ended the job before the next one does.
void wait_for_turn(int rank) { std::this_thread::sleep_for(std::chrono::milliseconds(300 * std::min(rank, 5))); }

// Says why a rank failed; ends the other ranks, which would wait for it forever.
int fail(const std::string& message, int code, const Communicator& world, Watchdog& watchdog) {
  if (world.size() == 1) {
    log_error(message);
    return code;
  }
  wait_for_turn(world.rank());
  if (watchdog.is_ending()) abort_job(code);
  log_error(message + " [rank " + std::to_string(world.rank()) + ", host " + world.host() + ", in the phase " +
            phase_of_failure() + "]");
  watchdog.announce_end();
  abort_job(code);
}

void check_ranks(const std::string& command, const Communicator& communicator) {
  require_same_on_all_ranks(communicator, "the build", build_identity());
  require_same_on_all_ranks(communicator, "the command", command);
}

int run_on_ranks(const Invocation& invocation, const Communicator& world) {
  setup_logging("info", {world.rank(), world.size()});
  Watchdog watchdog(world);
  const CommandContext context{invocation.arguments, world, [&](double s) { watchdog.set_rank_timeout(s); }};
  const auto work = [&] {
    check_ranks(invocation.name, world);
    return run_command(invocation.name, context);
  };
  return run_reported(work, world, [&](const auto& message, int code) { return fail(message, code, world, watchdog); });
}

}  // namespace
}  // namespace retime

/// `retime-compute`: all commands, with LibTorch, alone or as a rank of a job. `retime` executes it where that is
/// needed.
int main(int argc, char** argv) {
  try {
    retime::refuse_other_version();
    const retime::MpiSession session;
    return retime::run_on_ranks(retime::Invocation(argc, argv), session.world());
  } catch (const retime::Error& error) {
    if (retime::read_launch_environment().rank == 0) std::fprintf(stderr, "error %s\n", error.what());
    return error.exit_code();
  }
}

#include "core/log.hpp"
#include "dist/device.hpp"
#include "dist/mpi/mpi_session.hpp"
#include "dist/watch/job.hpp"
#include "dist/watch/watchdog.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/command.hpp"
#include "tools/computing_program.hpp"

namespace retime {
namespace {

void check_ranks(const std::string& command, const Communicator& communicator) {
  require_same_on_all_ranks(communicator, "the build", build_identity());
  require_same_on_all_ranks(communicator, "the command", command);
}

int run_on_ranks(const Invocation& invocation, const Communicator& world) {
  setup_logging("info", {world.rank(), world.size()});
  Watchdog watchdog(world);
  const CommandContext context{invocation.arguments, world, [&](double s) { watchdog.set_rank_timeout(s); }};
  return run_job(world, watchdog, [&] {
    check_ranks(invocation.name, world);
    return run_command(invocation.name, context);
  });
}

}  // namespace
}  // namespace retime

/// `retime-compute`: all commands, with LibTorch, alone or as a rank of a job. `retime` executes it where that is
/// needed.
int main(int argc, char** argv) {
  // MPI sets some of these variables itself.
  const auto launch = retime::read_launch_environment();
  try {
    retime::refuse_other_version();
    const retime::MpiSession session;
    return retime::run_on_ranks(retime::Invocation(argc, argv), session.world());
  } catch (const std::exception& error) {
    return retime::tell_failure_at_start(error, launch);
  }
}

#include "core/error.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/command.hpp"
#include "tools/computing_program.hpp"

namespace retime {
namespace {

void require_one_process(const Command* command, const LaunchEnvironment& launch) {
  if (command && command->starts_programs && launch.expected_size > 1)
    throw AgreedError("a catalog is worked on by one process, but the launcher started " +
                          std::to_string(launch.expected_size) + " (" + launch.source +
                          "): start one, or give each task of the array one",
                      kExitUsage);
}

int run_alone(const Invocation& invocation) {
  setup_logging("info");
  try {
    return run_command(invocation.name, {invocation.arguments, Communicator()});
  } catch (const std::exception& error) {
    const Failure failure = failure_of(error);
    failure.code == kExitSaved ? log_info(failure.sentence) : log_error(failure.sentence);
    return failure.code;
  }
}

}  // namespace
}  // namespace retime

/// `retime`: what needs neither LibTorch nor MPI is done here, the rest by the computing program.
int main(int argc, char** argv) {
  const auto launch = retime::read_launch_environment();
  try {
    const retime::Invocation invocation(argc, argv);
    const auto* const command = retime::find_command(invocation.name);
    retime::require_one_process(command, launch);
    if (retime::is_for_computing_program(command, launch)) retime::execute_computing_program(invocation.name, argv);
    return retime::run_alone(invocation);
  } catch (const std::exception& error) {
    return retime::tell_failure_at_start(error, launch);
  }
}

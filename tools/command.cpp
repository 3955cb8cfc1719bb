#include "tools/command.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "core/options.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

void print_help() {
  std::printf("retime %s: splits a video of moving people into layers and moves them in time\n\n", RETIME_VERSION);
  std::printf("usage: retime COMMAND ... (retime help COMMAND tells more)\n\n");
  for (const auto& command : commands())
    if (*command.summary) std::printf("  %-10s%s\n", command.name, command.summary);
}

}  // namespace

Invocation::Invocation(int argc, char** argv)
    : name(argc > 1 ? argv[1] : ""), arguments(argv + (argc > 1 ? 2 : argc), argv + argc) {
  const auto take_first = [&] {
    std::string first = arguments.front();
    arguments.erase(arguments.begin());
    return first;
  };
  if (name == "help" && !arguments.empty()) {
    name = take_first();
    arguments.emplace_back("--help");
  }
  // A second word that is a command of its own: it may need less than the others.
  if (!arguments.empty() && find_command(name + " " + arguments.front())) name += " " + take_first();
}

int run_command(const std::string& name, const CommandContext& context) {
  if (name.empty() || name == "--help" || name == "-h" || name == "help") {
    if (context.communicator.is_root()) print_help();
    return name.empty() ? kExitUsage : kExitOk;
  }
  if (name == "--version") {
    if (context.communicator.is_root()) std::printf("retime %s\n", RETIME_VERSION);
    return kExitOk;
  }
  if (const auto* command = find_command(name)) return command->run(context);
  std::vector<std::string> known;
  for (const auto& command : commands())
    if (*command.summary) known.emplace_back(command.name);
  // Ranks have compared their commands by now.
  throw AgreedError("unknown command '" + name + "'" + suggestion(name, known) + ": see retime --help", kExitUsage);
}

int tell_failure_at_start(const std::exception& error, const LaunchEnvironment& launch) {
  const Failure failure = failure_of(error);
  const bool is_agreed = dynamic_cast<const AgreedError*>(&error) != nullptr;
  const bool names_rank = launch.has_several_ranks() && !is_agreed;
  if (launch.rank == 0 || !is_agreed)
    std::fprintf(stderr, "error %s%s\n", failure.sentence.c_str(),
                 names_rank ? (" [rank " + std::to_string(launch.rank) + "]").c_str() : "");
  return failure.code;
}

}  // namespace retime

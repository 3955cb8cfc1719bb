#pragma once

#include <functional>

#include "dist/watch/watchdog.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Runs what this rank has to do, and returns the exit code of the program. A failure is told in one sentence, by one
/// rank. What all ranks know of (AgreedError, AgreedStop) each returns the code of; anything else that is thrown is of
/// this rank alone: with others beside it, it tells its sentence, rank, host and phase, and ends them all with its
/// code, or kExitFailure for a stop that nobody agreed on. `watchdog` is over the ranks of `communicator`.
int run_job(const Communicator& communicator, Watchdog& watchdog, const std::function<int()>& work);

}  // namespace retime

#pragma once

#include <functional>
#include <string>

#include "core/error.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// A failure that all ranks know of: each throws it in the same call, one of them tells it, and none has to end the
/// others. Only this type and AgreedStop mean that; any other failure is taken for one of a rank alone.
class AgreedError : public Error {
 public:
  explicit AgreedError(const std::string& message, ExitCode code = kExitFailure) : Error(message), code_(code) {}
  ExitCode exit_code() const noexcept override { return code_; }

 private:
  ExitCode code_;
};

/// A stop that all ranks agreed on, after everything was saved.
class AgreedStop : public Stopped {
 public:
  using Stopped::Stopped;
};

/// Throws AgreedError on all ranks, with the first line that differs and its rank, unless `text` is the same on all.
/// `what` names it: "the configuration". This call is MPI collective.
void require_same_on_all_ranks(const Communicator& communicator, const std::string& what, const std::string& text);

/// Runs `work` on every rank; where it throws Error on any, or the standard library's failures of files and memory, all
/// throw AgreedError with the first rank's sentence. This call is MPI collective, `work` is not.
void run_on_all_ranks(const Communicator& communicator, const std::function<void()>& work);

/// The same for what rank 0 does for all: the others wait, without using a core, until it is done. This call is MPI
/// collective.
void run_on_root(const Communicator& communicator, const std::function<void()>& work);

}  // namespace retime

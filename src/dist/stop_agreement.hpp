#pragma once

#include "ranks/communicator.hpp"
#include "ranks/stop_signal.hpp"

namespace retime {

/// Lets all ranks stop at the same step without waiting for each other: each call posts this rank's state and takes
/// what the call before it has posted, which has travelled during the step.
class StopAgreement {
 public:
  /// Both have to outlive it.
  StopAgreement(StopSignal& stop, const Communicator& communicator);
  /// Completes what is under way; leaves it if MPI fails, or when an exception passes by and others do not join soon.
  ~StopAgreement();
  StopAgreement(const StopAgreement&) = delete;
  StopAgreement& operator=(const StopAgreement&) = delete;

  /// True on all ranks in the same call: with one rank when it is asked to stop, with several in the call after the
  /// one in which any was. Every rank makes equally many calls. This call is MPI collective.
  bool reached();

 private:
  struct Vote;
  StopSignal& stop_;
  Communicator communicator_;
  Vote* vote_ = nullptr;  ///< under way; left behind where nobody knows whether the others joined
};

}  // namespace retime

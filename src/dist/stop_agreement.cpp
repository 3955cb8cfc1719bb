#include "dist/stop_agreement.hpp"

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "dist/mpi/awake_timer.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "dist/mpi/mpi_transport.hpp"

namespace retime {
namespace {

/// After an exception that may be this rank's alone, the others have this long to join.
constexpr auto kFarewell = std::chrono::seconds(2);
constexpr auto kPoll = std::chrono::microseconds(50);

}  // namespace

struct StopAgreement::Vote {
  int code = 0;
  MPI_Request request = MPI_REQUEST_NULL;
};

StopAgreement::StopAgreement(StopSignal& stop, const Communicator& communicator)
    : stop_(stop), communicator_(communicator) {}

StopAgreement::~StopAgreement() {
  if (vote_ == nullptr || !mpi_is_running()) return;
  AwakeTimer timer;
  for (int done = 0; done == 0; std::this_thread::sleep_for(kPoll)) {
    if (MPI_Test(&vote_->request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return;
    if (done == 0 && std::uncaught_exceptions() > 0 && timer.elapsed() > kFarewell) return;
  }
  delete vote_;
}

bool StopAgreement::reached() {
  if (communicator_.size() == 1) return stop_.agree(stop_.local_code());
  int agreed = 0;
  if (vote_ != nullptr) {
    wait_for(vote_->request, "agreement to stop");
    agreed = vote_->code;
  } else {
    vote_ = new Vote;
  }
  if (stop_.agree(agreed)) {
    delete std::exchange(vote_, nullptr);
    return true;
  }
  vote_->code = stop_.local_code();
  check_mpi(
      MPI_Iallreduce(MPI_IN_PLACE, &vote_->code, 1, MPI_INT, MPI_MAX, mpi_comm(communicator_).get(), &vote_->request),
      "agreement to stop");
  return false;
}

}  // namespace retime

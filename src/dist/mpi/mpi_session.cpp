#include "dist/mpi/mpi_session.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "core/error.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "dist/mpi/mpi_transport.hpp"
#include "ranks/launch_environment.hpp"

namespace retime {
namespace {

void start_mpi() {
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_MULTIPLE) {
    throw Error("MPI offers thread level " + std::to_string(provided) +
                " of the needed MPI_THREAD_MULTIPLE (gradients travel on their own thread): use an MPI library with "
                "thread support");
  }
  // Open MPI reports errors of non-blocking collectives on the world communicator, whichever they ran on.
  check_mpi(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

/// MPI has this long to end the job; where it cannot reach its launcher, it would wait forever.
constexpr auto kAbortGrace = std::chrono::seconds(10);

void exit_later(int code) noexcept {
  try {
    std::thread([code] {
      std::this_thread::sleep_for(kAbortGrace);
      std::_Exit(code);
    }).detach();
  } catch (const std::exception&) {  // no more threads: MPI alone has to do
  }
}

}  // namespace

MpiSession::MpiSession() {
  const LaunchEnvironment launch = read_launch_environment();
  if (launch.has_launcher) {
    start_mpi();
    owns_mpi_ = true;
    world_ = mpi_world();
  }
  check_world_size(launch, world_.size());
}

MpiSession::~MpiSession() {
  if (!owns_mpi_ || !mpi_is_running() || std::uncaught_exceptions() > 0) return;
  world_ = Communicator();
  MPI_Finalize();
}

void abort_job(int code) noexcept {
  if (mpi_is_running()) {
    exit_later(code);
    std::fflush(nullptr);
    MPI_Abort(MPI_COMM_WORLD, code);
  }
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace retime

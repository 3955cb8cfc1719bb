#include "dist/mpi_session.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "core/error.hpp"
#include "dist/launch_environment.hpp"
#include "dist/mpi_support.hpp"

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

}  // namespace

MpiSession::MpiSession() {
  const LaunchEnvironment launch = read_launch_environment();
  if (launch.has_launcher) {
    start_mpi();
    owns_mpi_ = true;
    world_ = Communicator::world();
  }
  check_world_size(launch, world_.size());
}

MpiSession::~MpiSession() {
  if (!owns_mpi_ || !mpi_is_running() || std::uncaught_exceptions() > 0) return;
  world_ = Communicator();
  MPI_Finalize();
}

void abort_job(int code) noexcept {
  std::fflush(nullptr);
  if (mpi_is_running()) MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

}  // namespace retime

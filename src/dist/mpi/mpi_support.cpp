#include "dist/mpi/mpi_support.hpp"

#include <exception>

#include "core/error.hpp"

namespace retime {

void check_mpi(int code, std::string_view what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error("MPI failed in " + std::string(what) + " (" + std::string(text, static_cast<std::size_t>(length)) +
              "): look for the first error of another rank, and whether all ranks run the same program and options");
}

bool mpi_is_running() noexcept {
  int initialized = 0;
  int finalized = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  return initialized != 0 && finalized == 0;
}

void wait_for(MPI_Request& request, std::string_view what) {
  wait_until([&] {
    int done = 0;
    check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), what);
    return done != 0;
  });
}

MpiComm::MpiComm(MPI_Comm parent) {
  if (parent == MPI_COMM_NULL) return;
  check_mpi(MPI_Comm_dup(parent, &comm_), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

MpiComm::~MpiComm() {
  if (comm_ != MPI_COMM_NULL && std::uncaught_exceptions() == 0 && mpi_is_running()) MPI_Comm_free(&comm_);
}

int MpiComm::rank() const {
  int rank = 0;
  check_mpi(MPI_Comm_rank(comm_, &rank), "MPI_Comm_rank");
  return rank;
}

int MpiComm::size() const {
  int size = 0;
  check_mpi(MPI_Comm_size(comm_, &size), "MPI_Comm_size");
  return size;
}

}  // namespace retime

#pragma once

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <string>
#include <string_view>

namespace retime {

/// Throws Error with MPI's own text when `code` is not MPI_SUCCESS. `what` names the operation.
void check_mpi(int code, std::string_view what);

/// True between MPI_Init and MPI_Finalize.
bool mpi_is_running() noexcept;

/// Owns a duplicate of a communicator, so that its traffic meets no other. Failures return codes (see `check_mpi`).
class MpiComm {
 public:
  MpiComm() = default;
  /// This call is MPI collective.
  explicit MpiComm(MPI_Comm parent);
  /// Frees the communicator, unless an exception is on its way: other ranks may not take part then.
  ~MpiComm();
  MpiComm(const MpiComm&) = delete;
  MpiComm& operator=(const MpiComm&) = delete;

  /// MPI_COMM_NULL in a process without MPI.
  MPI_Comm get() const noexcept { return comm_; }
  int rank() const;
  int size() const;

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

}  // namespace retime

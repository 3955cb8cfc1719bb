#pragma once

#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace retime {

/// Throws Error with MPI's own text when `code` is not MPI_SUCCESS. `what` names the operation.
void check_mpi(int code, std::string_view what);

/// True between MPI_Init and MPI_Finalize.
bool mpi_is_running() noexcept;

/// Calls `done` until it returns true: without a pause at first, then in intervals, so that waiting for a slower rank
/// leaves the core to whoever works.
template <class Done>
void wait_until(const Done& done) {
  using Clock = std::chrono::steady_clock;
  for (const auto begin = Clock::now(); !done();) {
    if (Clock::now() - begin < std::chrono::microseconds(500))
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

/// Waits like `wait_until` for a request, where MPI's own wait would burn a core. Throws Error as `check_mpi` does.
void wait_for(MPI_Request& request, std::string_view what);

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

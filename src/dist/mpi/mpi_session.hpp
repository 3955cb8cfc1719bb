#pragma once

#include "ranks/communicator.hpp"

namespace retime {

/// MPI from start to end of the program; `main` holds one. Starts MPI (with MPI_THREAD_MULTIPLE) only if a launcher
/// such as mpirun or srun started this process; otherwise `world()` is rank 0 of 1 and MPI stays untouched.
class MpiSession {
 public:
  /// Throws Error when the launcher started several processes but MPI sees one rank, or MPI lacks thread support.
  /// This call is MPI collective.
  MpiSession();
  /// Ends MPI. When an exception passes by, leaves MPI running instead, since other ranks may wait for this one:
  /// the program then calls `abort_job`. This call is MPI collective.
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  const Communicator& world() const noexcept { return world_; }

 private:
  bool owns_mpi_ = false;
  Communicator world_;
};

/// Ends every rank of the job at once with exit code `code`, from any thread. To be called by a rank that failed, after
/// it has said why. Ends this process in any case, within seconds.
[[noreturn]] void abort_job(int code) noexcept;

}  // namespace retime

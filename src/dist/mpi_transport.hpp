#pragma once

#include "ranks/communicator.hpp"

namespace retime {

class MpiComm;

/// A communicator over all ranks of the job. MPI must run. This call is MPI collective.
Communicator mpi_world();

/// MPI's communicator beneath, for those who duplicate it (`mpi_support.hpp`). Holds MPI_COMM_NULL without MPI.
const MpiComm& mpi_comm(const Communicator& communicator) noexcept;

}  // namespace retime

#pragma once

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "ranks/communicator.hpp"

namespace retime {

/// A key-value store that all ranks see, for the NCCL bootstrap: a TCP server on rank 0, whose port travels through
/// MPI. Keys are prefixed by `name`. This call is MPI collective.
c10::intrusive_ptr<c10d::Store> make_store(const Communicator& communicator, const std::string& name,
                                           std::chrono::milliseconds timeout);

}  // namespace retime

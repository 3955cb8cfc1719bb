#pragma once

#include <c10/core/Device.h>

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>

#include "ranks/communicator.hpp"

namespace retime {

/// What tensors travel on; null stands for a single process.
using ProcessGroupPtr = c10::intrusive_ptr<c10d::ProcessGroup>;

struct ProcessGroupOptions {
  std::string name = "default";        ///< tells the groups of a job apart, in messages and in the NCCL bootstrap
  std::chrono::seconds timeout{1800};  ///< for joining a collective over MPI, and NCCL once; then see Watchdog
};

/// Connects all ranks: MpiBackend for CPU tensors and, if `device` is a GPU, c10d's NCCL backend for CUDA tensors
/// (MpiBackend through host memory when ranks share a GPU, unless `nccl_connects`). Null when there is one rank. A
/// group runs its operations in the order of the calls, which must be the same on all ranks: where two orders may mix
/// differently, as those of GradientReducer and of sums inside a backward pass do, make a group for each. To be
/// destroyed before MpiSession. This call is MPI collective.
ProcessGroupPtr make_process_group(const Communicator& communicator, c10::Device device,
                                   const ProcessGroupOptions& options = {});

struct NcclVersions {
  std::string compiled;  ///< of the header that this program was built with, for example "2.28.9"
  std::string loaded;    ///< of the library in this process
};
NcclVersions nccl_versions();

}  // namespace retime

#pragma once

#include <c10/core/Device.h>

#include <string>

#include "ranks/communicator.hpp"

namespace retime {

/// Tells once in a process, on rank 0, what the job runs on: ranks, nodes, build, what sums over ranks travel by,
/// NCCL's versions, and for each rank its host, device (with its UUID) and `share` of the work. This call is MPI
/// collective.
void report_job(const Communicator& communicator, c10::Device device, const std::string& share);

/// "GPU-01234567-89ab-cdef-0123-456789abcdef", as nvidia-smi writes it. `device` is a GPU.
std::string gpu_uuid(c10::Device device);

/// What tells this build of the program from others: a fingerprint of its file, in hexadecimal, and LibTorch's version.
std::string build_identity();

}  // namespace retime

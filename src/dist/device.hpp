#pragma once

#include <c10/core/Device.h>

#include <cstddef>
#include <string>
#include <vector>

#include "ranks/communicator.hpp"
#include "ranks/device_choice.hpp"

namespace retime {

/// The device of this rank: the CPU, or one GPU a rank, by the rank's number on its node. Selects the GPU as CUDA's
/// current device. Throws Error when a rank sees no GPU or when ranks would share one, unless the environment has
/// RETIME_OVERSUBSCRIBE_GPU=1. This call is MPI collective.
c10::Device choose_device(DeviceChoice choice, const Communicator& communicator);

/// Index of the GPU for a rank that sees `visible` > 0 GPUs. Launchers that show each rank GPUs of its own give fewer
/// visible GPUs than ranks.
int gpu_index(int visible, int local_rank, int local_size);

/// True when NCCL connects the ranks: no two use one GPU, or those that do have different NCCL_HOSTIDs in their
/// environment and pass for ranks on different nodes (a trial of NCCL on one GPU). This call is MPI collective.
bool nccl_connects(const Communicator& communicator, c10::Device device);

/// True when two ranks use one GPU. `device` is a GPU. This call is MPI collective.
bool ranks_share_gpus(const Communicator& communicator, c10::Device device);

/// Bytes of a GPU that nobody uses; 0 if it does not tell.
std::size_t free_device_memory(c10::Device device);

/// Tells once in a process, on rank 0, what the job runs on: ranks, nodes, build, what sums over ranks travel by,
/// NCCL's versions, and for each rank its host, device (with its UUID) and `share` of the work. This call is MPI
/// collective.
void report_job(const Communicator& communicator, c10::Device device, const std::string& share);

/// "GPU-01234567-89ab-cdef-0123-456789abcdef", as nvidia-smi writes it. `device` is a GPU.
std::string gpu_uuid(c10::Device device);

/// What tells this build of the program from others: a fingerprint of its file, in hexadecimal, and LibTorch's version.
std::string build_identity();

}  // namespace retime

#include "dist/device.hpp"

#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

/// Tells GPUs apart, MIG instances included.
std::string gpu_identity(const std::string& host, c10::Device device) {
  const auto& uuid = at::cuda::getDeviceProperties(device.index())->uuid;
  return host + ":" + std::string(uuid.bytes, sizeof(uuid.bytes));
}

bool all_different(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

bool may_oversubscribe() {
  const char* value = std::getenv("RETIME_OVERSUBSCRIBE_GPU");
  return value != nullptr && std::string_view(value) == "1";
}

void refuse_shared_gpus(const Communicator& communicator, int visible) {
  throw AgreedError("several ranks would share a GPU (" + std::to_string(communicator.local_size()) + " ranks on " +
                    communicator.host() + ", " + std::to_string(visible) +
                    " GPUs visible): start one rank per GPU, or set RETIME_OVERSUBSCRIBE_GPU=1 for a slow trial");
}

c10::Device choose_gpu(const Communicator& communicator, int visible) {
  const std::vector<int> counts = communicator.all_gather(visible);
  const auto blind = std::find(counts.begin(), counts.end(), 0);
  if (blind != counts.end()) {
    throw AgreedError(
        "rank " + std::to_string(blind - counts.begin()) +
        " sees no GPU (no driver, or CUDA_VISIBLE_DEVICES hides them): check with nvidia-smi on its node, or use "
        "--device cpu");
  }
  const int index = gpu_index(visible, communicator.local_rank(), communicator.local_size());
  const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
  if (ranks_share_gpus(communicator, device) && !may_oversubscribe()) refuse_shared_gpus(communicator, visible);
  c10::cuda::set_device(device.index());
  return device;
}

}  // namespace

int gpu_index(int visible, int local_rank, int local_size) {
  return visible >= local_size ? local_rank : local_rank % visible;
}

bool ranks_share_gpus(const Communicator& communicator, c10::Device device) {
  if (communicator.size() == 1) return false;
  return !all_different(communicator.all_gather(gpu_identity(communicator.host(), device)));
}

bool nccl_connects(const Communicator& communicator, c10::Device device) {
  if (communicator.size() == 1) return true;
  const char* host = std::getenv("NCCL_HOSTID");
  return all_different(communicator.all_gather(gpu_identity(host ? host : communicator.host(), device)));
}

c10::Device choose_device(DeviceChoice choice, const Communicator& communicator) {
  if (choice == DeviceChoice::kCpu) return c10::kCPU;
  const int visible = c10::cuda::device_count();
  if (choice == DeviceChoice::kAuto && communicator.all_reduce(visible, Reduction::kMax) == 0) return c10::kCPU;
  return choose_gpu(communicator, visible);
}

std::size_t free_device_memory(c10::Device device) {
  c10::cuda::set_device(device.index());
  std::size_t free = 0, total = 0;
  return cudaMemGetInfo(&free, &total) == cudaSuccess ? free : 0;
}

}  // namespace retime

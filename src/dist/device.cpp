#include "dist/device.hpp"

#include <ATen/Parallel.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "dist/process_group.hpp"
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

constexpr std::size_t kShownBuildDigits = 12;

std::string mpi_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string version(text.data(), static_cast<std::size_t>(length));
  return version.substr(0, version.find_first_of(",\n"));
}

std::string device_text(c10::Device device) {
  if (!device.is_cuda()) return "CPU, " + std::to_string(at::get_num_threads()) + " threads";
  return device.str() + " " + at::cuda::getDeviceProperties(device.index())->name + " " + gpu_uuid(device);
}

std::string backend_text(const Communicator& communicator, c10::Device device) {
  if (communicator.size() == 1) return "one process";
  if (!device.is_cuda()) return "sums over ranks by " + mpi_version();
  if (ranks_share_gpus(communicator, device)) return "sums over ranks by " + mpi_version() + " (ranks share a GPU)";
  return "sums over ranks by NCCL, control by " + mpi_version();
}

std::string counted(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
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

std::string gpu_uuid(c10::Device device) {
  const auto& uuid = at::cuda::getDeviceProperties(device.index())->uuid;
  std::string text = "GPU-";
  for (std::size_t i = 0; i < sizeof(uuid.bytes); ++i) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned char>(uuid.bytes[i]));
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits.data();
  }
  return text;
}

void report_job(const Communicator& communicator, c10::Device device, const std::string& share) {
  static bool told = false;
  if (told) return;
  told = true;
  const auto hosts = communicator.all_gather(communicator.host());
  const std::string backend = backend_text(communicator, device);
  const auto lines = communicator.gather("rank " + std::to_string(communicator.rank()) + " on " + communicator.host() +
                                         ": " + device_text(device) + (share.empty() ? "" : "; " + share));
  if (!communicator.is_root()) return;
  const auto nccl = nccl_versions();
  log_info(counted(hosts.size(), "rank") + " on " + counted(std::set(hosts.begin(), hosts.end()).size(), "node") +
           "; " + backend + "; NCCL compiled " + nccl.compiled + ", loaded " + nccl.loaded + "; build " +
           build_identity().substr(0, kShownBuildDigits));
  for (const auto& line : lines) log_info("  " + line);
}

// The linker's build id, a hash of everything that was linked, stands in the first pages of the file.
std::string build_identity() { return fingerprint_of("/proc/self/exe") + ", LibTorch " TORCH_VERSION; }

}  // namespace retime

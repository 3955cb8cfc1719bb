#include "dist/job_report.hpp"

#include <ATen/Parallel.h>
#include <ATen/cuda/CUDAContext.h>
#include <torch/version.h>

#include <array>
#include <cstdio>
#include <set>

#include "core/files.hpp"
#include "core/log.hpp"
#include "dist/device.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "dist/process_group.hpp"

namespace retime {
namespace {

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

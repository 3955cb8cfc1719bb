#include "dist/process_group.hpp"

#include <nccl.h>

#include <cstdlib>
#include <exception>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "dist/device.hpp"
#include "dist/mpi_backend.hpp"
#include "dist/store.hpp"

namespace retime {
namespace {

constexpr auto kNever = std::chrono::hours(10 * 365 * 24);

/// Ends its backends before their destructors, which would wait for other ranks after an exception of this one alone.
class Group final : public c10d::ProcessGroup {
 public:
  using c10d::ProcessGroup::ProcessGroup;
  ~Group() override {
    try {
      std::uncaught_exceptions() > 0 ? abort() : shutdown();
    } catch (const std::exception&) {  // The connection is broken: the job is about to end.
    }
  }
};

c10::intrusive_ptr<c10d::Backend> make_nccl_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const Communicator& communicator,
                                                    const ProcessGroupOptions& options) {
  auto nccl_options = c10d::ProcessGroupNCCL::Options::create();
  // NCCL's clock would count the time that a job is suspended for: the watch over ranks sees a collective that hangs.
  nccl_options->timeout = kNever;
  ::setenv("TORCH_NCCL_ENABLE_MONITORING", "0", 0);
  nccl_options->group_name = options.name;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, communicator.rank(), communicator.size(), nccl_options);
}

}  // namespace

ProcessGroupPtr make_process_group(const Communicator& communicator, c10::Device device,
                                   const ProcessGroupOptions& options) {
  if (communicator.size() == 1) return {};
  const bool with_nccl = device.is_cuda() && nccl_connects(communicator, device);
  c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::HashStore>();
  if (with_nccl) store = make_store(communicator, options.name, options.timeout);
  auto group = c10::make_intrusive<Group>(store, communicator.rank(), communicator.size());
  const c10::intrusive_ptr<c10d::Backend> mpi = c10::make_intrusive<MpiBackend>(communicator, options.timeout);
  group->setBackend(c10::kCPU, Group::BackendType::CUSTOM, mpi);
  group->setDefaultBackend(Group::BackendType::CUSTOM);
  if (with_nccl) {
    group->setBackend(c10::kCUDA, Group::BackendType::NCCL, make_nccl_backend(store, communicator, options));
    group->setDefaultBackend(Group::BackendType::NCCL);
  } else if (device.is_cuda()) {
    group->setBackend(c10::kCUDA, Group::BackendType::CUSTOM, mpi);
  }
  group->setGroupName(options.name);
  return group;
}

NcclVersions nccl_versions() {
  const std::string compiled =
      std::to_string(NCCL_MAJOR) + "." + std::to_string(NCCL_MINOR) + "." + std::to_string(NCCL_PATCH);
  return {compiled, c10d::getNcclVersion()};
}

}  // namespace retime

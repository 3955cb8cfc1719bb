#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "dist/device.hpp"
#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "format/checkpoint.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// A number that tells parameters apart: one bit that differs anywhere gives another. Computed on their device.
std::int64_t parameter_digest(const torch::nn::Module& module);

/// Throws AgreedError on all ranks unless their parameters are the same bit for bit. `when` stands in the message:
/// "training step 17". This call is MPI collective.
void require_same_parameters(const torch::nn::Module& module, const std::string& when,
                             const Communicator& communicator);

/// Reads a checkpoint on every rank. Throws AgreedError on all of them if it cannot be read on any, or if they read
/// different ones. This call is MPI collective.
Checkpoint read_same_checkpoint(const std::filesystem::path& file, const Communicator& communicator);

/// The ranks of a fit: the device of this one, and what sums travel on.
struct FitRanks {
  /// One process alone, without MPI.
  explicit FitRanks(torch::Device own) : device(own), collectives(std::make_shared<Collectives>()) {}
  /// Chooses a device for each rank. This call is MPI collective.
  FitRanks(const Communicator& all, DeviceChoice choice)
      : communicator(all),
        device(choose_device(choice, all)),
        gradient_group(make_process_group(all, device, {.name = "gradients"})),
        value_group(make_process_group(all, device, {.name = "values"})),
        collectives(std::make_shared<Collectives>(value_group)) {}

  Communicator communicator;
  torch::Device device;
  ProcessGroupPtr gradient_group, value_group;  ///< null for one process; two, as their operations mix
  std::shared_ptr<Collectives> collectives;
};

}  // namespace retime

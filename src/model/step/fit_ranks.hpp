#pragma once

#include <memory>

#include "dist/collectives.hpp"
#include "dist/device.hpp"
#include "dist/process_group.hpp"
#include "dist/torch.hpp"
#include "ranks/communicator.hpp"

namespace retime {

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

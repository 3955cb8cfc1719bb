#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

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

}  // namespace retime

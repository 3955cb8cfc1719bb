#pragma once

#include <filesystem>

#include "ranks/communicator.hpp"

namespace retime {

/// Writes every layer of a layers file as PNG pictures with straight alpha, FOLDER/layer_00/000000.png, ...; ranks
/// share the frames. This call is MPI collective.
void export_stage(const std::filesystem::path& layers, const std::filesystem::path& folder,
                  const Communicator& communicator);

}  // namespace retime

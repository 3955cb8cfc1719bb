#pragma once

#include <filesystem>

#include "ranks/communicator.hpp"
#include "stages/run_settings.hpp"

namespace retime {

/// From a clip to its layers and videos in `settings.output`: prepare, train, render, compose. What is there already
/// and still fits is kept. This call is MPI collective.
void run_stages(const std::filesystem::path& clip, const RunSettings& settings, const Communicator& communicator);

}  // namespace retime

#pragma once

#include <filesystem>

#include "dist/torch.hpp"
#include "format/image.hpp"
#include "model/config/fit_options.hpp"

namespace retime {

/// Prints for how long a save of the whole model and its optimiser holds a fit up, when it is written beside the fit
/// and when it is not. Writes into a new folder in `folder`, which it removes.
void bench_checkpoint(const ModelOptions& options, Size size, int objects, torch::Device device,
                      const std::filesystem::path& folder, int repeats);

}  // namespace retime

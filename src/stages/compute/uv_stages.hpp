#pragma once

#include <filesystem>
#include <string>

#include "model/config/uv_config.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// Trains the keypoint-to-UV network on drawn or real bodies in `folder`, and goes on there. At its end network.h5 in
/// the folder holds the finished network alone. Throws Stopped after a checkpoint when a signal or the time budget asks
/// for it. This call is MPI collective.
void uv_train_stage(const std::filesystem::path& folder, const UvConfig& config, const Communicator& communicator);

/// How a network does on `count` drawn bodies that no training sees, as text: with an estimator's joints, with exact
/// ones, and with half of them hidden; or on real ones of the folder `pairs_from`. `network` is a file or the folder of
/// a training that is complete. Throws Error.
std::string uv_score_stage(const std::filesystem::path& network, int count,
                           const std::filesystem::path& pairs_from = {});

}  // namespace retime

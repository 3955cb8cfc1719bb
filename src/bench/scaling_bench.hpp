#pragma once

#include <filesystem>
#include <string>

#include "bench/scaling_run.hpp"
#include "model/config/fit_config.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// What is measured, with the ranks of this job.
struct BenchSetup {
  FitConfig config;     ///< `train.batch_frames` is not looked at
  std::string scene;    ///< scene.h5; empty: one is drawn
  Size size{224, 128};  ///< of the drawn scene, and its objects
  int objects = 2;
  int threads = 1;  ///< of each rank
  StepCounts counts;
};

/// Where the ranks of this job compute.
struct BenchMachine {
  std::string device;  ///< name of the processor or GPU of rank 0
  int nodes = 1;
  int cores = 1;  ///< of rank 0's node
  bool gpu = false;
  bool oversubscribed = false;
};

/// This call is MPI collective.
BenchMachine describe_machine(DeviceChoice device_choice, int threads, const Communicator& communicator);

/// Measures a training step of `batch` frames (over all ranks if `mode` is strong, on each if it is weak); a folder in
/// `folder` holds its scene and fit meanwhile. Throws AgreedError when there are fewer frames than ranks. This call is
/// MPI collective.
ScalingRun measure_scaling(const BenchSetup& setup, ScalingMode mode, int batch, const std::filesystem::path& folder,
                           const Communicator& communicator);

}  // namespace retime

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/step_bench.hpp"
#include "core/csv.hpp"
#include "core/options.hpp"
#include "model/config/fit_config.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// strong: a batch shared by all ranks; weak: a batch on each of them.
enum class ScalingMode { kStrong, kWeak };
inline const Choices<ScalingMode> kScalingModes{{"strong", ScalingMode::kStrong}, {"weak", ScalingMode::kWeak}};

/// What runs have in common whose speeds may be compared.
struct ScalingSetup {
  ScalingMode mode = ScalingMode::kStrong;
  int batch = 1;       ///< frames in a step, over all ranks or on each of them
  std::string device;  ///< name of the processor or GPU
  int threads = 1;     ///< of each rank
  int width = 16;      ///< channels of the renderer
  int image_width = 0, image_height = 0;
  int objects = 0;
  int bf16 = 0;  ///< 1: convolutions in bfloat16
  std::string scene = "synthetic";

  auto operator<=>(const ScalingSetup&) const = default;
};

/// One measurement with one number of ranks.
struct ScalingRun {
  ScalingSetup setup;
  int ranks = 1;
  int nodes = 1;
  int cores = 1;           ///< of a node
  int oversubscribed = 0;  ///< 1: more threads of ranks than cores on some node, or several ranks on one GPU
  int gpu = 0;             ///< 1: computed on GPUs
  std::string started;     ///< UTC, as 2026-01-31T12:00:00Z
  StepMeasurement step;    ///< in a file without `bucket_bytes`
  int buckets = 0;         ///< that gradients travelled in

  /// Frames in a step, over all ranks.
  int global_batch() const { return setup.mode == ScalingMode::kWeak ? setup.batch * ranks : setup.batch; }
};

CsvTable runs_to_csv(const std::vector<ScalingRun>& runs);
/// Throws Error that names `origin` for a missing column or a value that is no number.
std::vector<ScalingRun> runs_from_csv(const CsvTable& table, const std::string& origin);

/// A folder that runs leave their results in, one file each (`runs/*.csv`), so that the tasks of a Slurm array may end
/// in any order or at once.
class ScalingFolder {
 public:
  explicit ScalingFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  /// Adds the runs (at least one) as one file under a name of its own. Throws Error.
  void add(const std::vector<ScalingRun>& runs) const;
  /// All runs so far, sorted. Throws Error when there are none or a file is damaged.
  std::vector<ScalingRun> read() const;
  /// The files that `read` reads, sorted.
  std::vector<std::filesystem::path> files() const;

 private:
  std::filesystem::path path_;
};

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

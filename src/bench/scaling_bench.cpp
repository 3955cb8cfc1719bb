#include "bench/scaling_bench.hpp"

#include <ATen/Parallel.h>
#include <ATen/cuda/CUDAContext.h>
#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "bench/synthetic_scene.hpp"
#include "bench/table.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "dist/device.hpp"
#include "ranks/rank_agreement.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

auto sort_key(const ScalingRun& run) { return std::tie(run.setup, run.ranks, run.started); }

constexpr int kDrawnFrames = 240;  ///< of a drawn scene, unless a step takes more

constexpr const char* kWorkPrefix = ".measuring_";

/// Removes what runs on this machine that were killed have left in a folder.
void remove_leftovers(const fs::path& parent) {
  if (process_place().empty()) return;
  const std::string prefix = kWorkPrefix + process_place() + "_";
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(parent)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const auto process = static_cast<::pid_t>(std::atoi(name.c_str() + prefix.size()));
    if (process > 0 && ::kill(process, 0) != 0 && errno == ESRCH) leftovers.push_back(entry.path());
  }
  for (const auto& path : leftovers) remove_tree(path);
}

/// A folder that all ranks use and that rank 0 makes and removes.
class SharedFolder {
 public:
  SharedFolder(const fs::path& parent, const Communicator& communicator) : communicator_(communicator) {
    const std::string name = fmt::format("{}{}_{}", kWorkPrefix, process_place(), ::getpid());
    path_ = parent / communicator.broadcast(name);
    run_on_root(communicator, [&] {
      make_folder(path_);
      remove_leftovers(parent);
    });
  }
  ~SharedFolder() {
    try {
      if (std::uncaught_exceptions() == 0) communicator_.barrier();
      if (communicator_.is_root()) remove_tree(path_);
    } catch (const std::exception&) {  // What is left over lies in a folder whose name tells.
    }
  }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  Communicator communicator_;
  fs::path path_;
};

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
  return "CPU";
}

int core_count() { return std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN))); }

fs::path draw_scene(const BenchSetup& setup, int batch, const fs::path& folder, const Communicator& communicator) {
  const fs::path file = folder / "scene.h5";
  const int frames = std::max(batch, std::min(4 * batch, kDrawnFrames));
  run_on_root(communicator, [&] { SyntheticScene{setup.size, setup.objects, frames}.write(file); });
  return file;
}

/// The scene that is named, or one that is drawn.
SceneReader open_scene(const BenchSetup& setup, int batch, const fs::path& folder, const Communicator& communicator) {
  const fs::path file = setup.scene.empty() ? draw_scene(setup, batch, folder, communicator) : fs::path(setup.scene);
  std::optional<SceneReader> scene;
  run_on_all_ranks(communicator, [&] { scene.emplace(file); });
  return std::move(*scene);
}

void describe_setup(const BenchSetup& setup, const FitConfig& config, const SceneReader& scene, ScalingSetup& result) {
  result.threads = setup.threads;
  result.width = config.model.width;
  result.image_width = scene.info().size.width;
  result.image_height = scene.info().size.height;
  result.objects = scene.info().object_count();
  result.bf16 = config.train.bf16 ? 1 : 0;
  if (!setup.scene.empty()) result.scene = scene.fingerprint();
}

}  // namespace

std::string cell_text(ScalingMode mode) { return word_of(kScalingModes, mode); }

bool from_cell(const std::string& text, ScalingMode& mode) {
  for (const auto& [word, value] : kScalingModes)
    if (word == text) {
      mode = value;
      return true;
    }
  return false;
}

template <class Run, class Visit>
requires std::same_as<std::remove_const_t<Run>, ScalingRun>
void visit_columns(Run& run, const Visit& visit) {
  visit("mode", run.setup.mode);
  visit("ranks", run.ranks);
  visit("nodes", run.nodes);
  visit("batch_frames", run.setup.batch);
  visit("device", run.setup.device);
  visit("gpu", run.gpu);
  visit("cores", run.cores);
  visit("threads", run.setup.threads);
  visit("oversubscribed", run.oversubscribed);
  visit("width", run.setup.width);
  visit("image_width", run.setup.image_width);
  visit("image_height", run.setup.image_height);
  visit("objects", run.setup.objects);
  visit("bf16", run.setup.bf16);
  visit("scene", run.setup.scene);
  visit("gradient_bytes", run.step.gradient_bytes);
  visit("buckets", run.buckets);
  visit("steps", run.step.steps);
  visit("step_s", run.step.step_s);
  visit("step_min_s", run.step.min_s);
  visit("step_max_s", run.step.max_s);
  for (std::size_t i = 0; i < kStepParts; ++i) visit(std::string(kStepPartNames[i]) + "_s", run.step.part_s[i]);
  visit("started", run.started);
}

CsvTable runs_to_csv(const std::vector<ScalingRun>& runs) { return rows_to_csv(runs); }

std::vector<ScalingRun> runs_from_csv(const CsvTable& table, const std::string& origin) {
  return rows_from_csv<ScalingRun>(table, origin);
}

void ScalingFolder::add(const std::vector<ScalingRun>& runs) const {
  std::string stem = fmt::format("{}_{}ranks", runs.front().started, runs.front().ranks);
  std::erase(stem, ':');
  add_csv_file(path_ / "runs", stem, runs_to_csv(runs));
}

std::vector<fs::path> ScalingFolder::files() const { return csv_files(path_ / "runs"); }

std::vector<ScalingRun> ScalingFolder::read() const {
  std::vector<ScalingRun> runs;
  for (const auto& file : files()) {
    auto of_file = runs_from_csv(read_csv_table(file), file.string());
    std::move(of_file.begin(), of_file.end(), std::back_inserter(runs));
  }
  if (runs.empty())
    throw Error("no measurements in " + path_.string() + " (runs/*.csv): run `mpirun -n N retime bench scaling -o " +
                path_.string() + "` first");
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return sort_key(a) < sort_key(b); });
  return runs;
}

BenchMachine describe_machine(DeviceChoice device_choice, int threads, const Communicator& communicator) {
  const auto device = choose_device(device_choice, communicator);
  BenchMachine machine;
  const auto hosts = communicator.all_gather(communicator.host());
  machine.nodes = static_cast<int>(std::set<std::string>(hosts.begin(), hosts.end()).size());
  machine.cores = core_count();
  machine.gpu = device.is_cuda();
  machine.device = machine.gpu ? at::cuda::getDeviceProperties(device.index())->name : processor_name();
  const bool crowded =
      machine.gpu ? ranks_share_gpus(communicator, device) : communicator.local_size() * threads > core_count();
  machine.oversubscribed = communicator.all_reduce(crowded ? 1 : 0, Reduction::kMax) != 0;
  return machine;
}

ScalingRun measure_scaling(const BenchSetup& setup, ScalingMode mode, int batch, const fs::path& folder,
                           const Communicator& communicator) {
  ScalingRun run;
  run.setup.mode = mode;
  run.setup.batch = batch;
  run.ranks = communicator.size();
  if (run.global_batch() < run.ranks)
    throw AgreedError(
        fmt::format("a step of {} frames cannot be shared by {} ranks: give --batch-frames at least that many", batch,
                    run.ranks),
        kExitUsage);
  at::set_num_threads(setup.threads);
  const auto machine = describe_machine(setup.config.train.device, setup.threads, communicator);
  const SharedFolder work(folder, communicator);
  const SceneReader scene = open_scene(setup, run.global_batch(), work.path(), communicator);
  FitConfig config = setup.config;
  config.train.batch_frames = run.global_batch();
  run.started = utc_text(now_s());
  run.step = measure_steps(scene, config, work.path() / "fit", communicator, setup.counts);
  describe_setup(setup, config, scene, run.setup);
  run.setup.device = machine.device;
  run.nodes = machine.nodes;
  run.cores = machine.cores;
  run.gpu = machine.gpu ? 1 : 0;
  run.oversubscribed = machine.oversubscribed ? 1 : 0;
  run.buckets = static_cast<int>(run.step.bucket_bytes.size());
  return run;
}

}  // namespace retime

#include "bench/bench_checkpoint.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/progress.hpp"
#include "format/checkpoint_writer.hpp"
#include "model/layers/layered_model.hpp"
#include "model/state/model_state.hpp"
#include "model/step/train_step.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// A run's folder for as long as it is measured.
class ScratchRun {
 public:
  explicit ScratchRun(const fs::path& folder) : path_(folder / fmt::format(".retime-bench-{}", ::getpid())) {
    make_folder(path_ / "checkpoints");
  }
  ~ScratchRun() {
    std::error_code ignored;
    CheckpointFolder(path_).remove_leftovers();
    for (const auto& file : CheckpointFolder(path_).list()) fs::remove(file, ignored);
    fs::remove(path_ / "checkpoints", ignored);
    fs::remove(path_, ignored);
  }
  ScratchRun(ScratchRun&&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

LayeredModel make_model(const ModelOptions& options, Size size, int objects, torch::Device device) {
  ModelScene scene;
  scene.objects = objects;
  scene.size = size;
  scene.bounds = {-0.5, size.width - 0.5, -0.5, size.height - 0.5};
  scene.plate = torch::zeros({1, 3, 2 * size.height, 2 * size.width});
  LayeredModel model(options, scene, nullptr);
  model->to(device);
  return model;
}

Checkpoint copy_of(const torch::nn::Module& module, const FusedAdam& adam, int step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.arrays = save_module(module);
  auto moments = adam.save();
  std::move(moments.begin(), moments.end(), std::back_inserter(checkpoint.arrays));
  return checkpoint;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

void bench_checkpoint(const ModelOptions& options, Size size, int objects, torch::Device device, const fs::path& folder,
                      int repeats) {
  auto model = make_model(options, size, objects, device);
  const FusedAdam adam({FusedAdam::all_of(*model)});
  const ScratchRun run(folder);
  const CheckpointFolder checkpoints(run.path());
  CheckpointWriter writer(checkpoints);
  std::vector<double> beside, alone;
  for (int i = -1; i < repeats; ++i) {
    double beside_s = 0, alone_s = 0;
    {
      const SecondsOf time(beside_s);
      writer.write(copy_of(*model, adam, 0), 1);
    }
    writer.finish();
    {
      const SecondsOf time(alone_s);
      write_checkpoint(checkpoints.path_of(0), copy_of(*model, adam, 0));
    }
    if (i < 0) continue;
    beside.push_back(beside_s);
    alone.push_back(alone_s);
  }
  std::printf("checkpoint of width %d, %d objects, %dx%d: %.1f MB in %s, %s\n", options.width, objects, size.width,
              size.height, static_cast<double>(fs::file_size(checkpoints.path_of(0))) / 1e6, folder.c_str(),
              device.str().c_str());
  std::printf("%-24s %9.5f s a save for which the fit waits\n", "written beside the fit", median(beside));
  std::printf("%-24s %9.5f s\n", "written by the fit", median(alone));
}

}  // namespace retime

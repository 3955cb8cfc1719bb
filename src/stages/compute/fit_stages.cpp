#include "stages/compute/fit_stages.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "dist/torch.hpp"
#include "model/fit/fit.hpp"
#include "ranks/rank_agreement.hpp"
#ifdef RETIME_VIDEO
#include "media/picture.hpp"
#endif

namespace fs = std::filesystem;

namespace retime {
namespace {

// Preview pictures are PNG; a build without FFmpeg writes PPM, which needs no library.
void write_preview(const fs::path& stem, const Image& rgb) {
  make_folder(stem.parent_path());
#ifdef RETIME_VIDEO
  write_png(stem.string() + ".png", rgb);
#else
  std::string text = "P6 " + std::to_string(rgb.size.width) + " " + std::to_string(rgb.size.height) + " 255\n";
  text.append(rgb.pixels.begin(), rgb.pixels.end());
  write_text_file(stem.string() + ".ppm", text);
#endif
}

// Ranks on one node share its cores.
void share_cores(const Communicator& communicator) {
  if (std::getenv("OMP_NUM_THREADS")) return;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  at::set_num_threads(std::max(1, cores / communicator.local_size()));
}

}  // namespace

bool has_gpu() { return torch::cuda::is_available(); }

int gpu_count() { return static_cast<int>(torch::cuda::device_count()); }

void train_stage(const fs::path& scene_file, const fs::path& run, const FitConfig& config,
                 const Communicator& communicator) {
  share_cores(communicator);
  std::optional<SceneReader> scene;
  run_on_all_ranks(communicator, [&] { scene.emplace(scene_file); });
  fit_scene(*scene, config, run, communicator, {write_preview, true});
}

void render_stage(const fs::path& run, const fs::path& layers, const RenderOptions& options,
                  const Communicator& communicator) {
  share_cores(communicator);
  const auto report = render_layers(RunFolder(run), layers, options, communicator);
  if (report.blocks_kept > 0)
    log_info(std::to_string(report.blocks_kept) + " blocks were there already, " + std::to_string(report.blocks_made) +
             " were made");
}

}  // namespace retime

#include "stages/compute/uv_stages.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "dist/device.hpp"
#include "model/fit/fit_loop.hpp"
#include "model/state/model_state.hpp"
#include "model/uv/uv_task.hpp"
#include "ranks/rank_agreement.hpp"
#include "stages/compute/uv_pairs.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr std::uint64_t kHeldOut = 1ULL << 40;  // seeds of pairs that are only scored: no option is as large

UvPairSource bodies_of(const UvConfig& config) {
  const auto seed = static_cast<std::uint64_t>(config.train.seed);
  return config.pairs_from.empty() ? drawn_bodies(seed, config) : real_bodies(config.pairs_from, seed, config);
}

void write_network(const fs::path& file, UvTask& task, const UvConfig& config, const UvPairSource& source,
                   torch::Device device) {
  UvNetwork network(config, std::make_shared<Collectives>());
  Checkpoint weights;
  weights.arrays = save_module(task.module());
  load_module(*network, weights);
  move_module(*network, device);
  settle_statistics(network, config, source, device);
  write_checkpoint(file, {0, config.train.epochs, config.text(), "", false, {}, save_module(*network)});
  log_info("trained: " + file.string());
}

}  // namespace

void uv_train_stage(const fs::path& folder, const UvConfig& config, const Communicator& communicator) {
  FitSession session(folder, config.train, communicator, {});
  UvPairSource source;
  run_on_all_ranks(communicator, [&] { source = bodies_of(config); });
  UvTask task(config, source, session.ranks());
  FitLoop loop(task, config.train, session);
  const auto resumed = session.resume_file(config.train);
  if (!resumed.empty()) {
    const auto checkpoint = read_same_checkpoint(resumed, communicator);
    run_on_all_ranks(communicator, [&] { loop.resume(checkpoint, resumed); });
  }
  run_on_root(communicator, [&] { session.take_over_folder(config.train, loop.at(), {}, config.text()); });
  loop.run();
  run_on_root(communicator, [&] {
    write_network(folder / "network.h5", task, config, source, session.ranks().device);
    session.run().note(FitState::kFitted);
  });
}

std::string uv_score_stage(const fs::path& path, int count, const fs::path& pairs_from) {
  const auto file = fs::is_directory(path) ? path / "network.h5" : path;
  if (fs::is_directory(path / "checkpoints") && !fs::exists(file))
    throw Error("the training in " + path.string() +
                " is not over (no network.h5): run its command again, or name one of its checkpoints");
  const auto checkpoint = read_checkpoint(file);
  const auto config = UvConfig::from_text(checkpoint.config);
  const auto device = choose_device(DeviceChoice::kAuto, {});
  auto network = load_uv_network(checkpoint, device);
  const synth::JointNoise exact{0, 0, 0, 0, 0}, half{.drop = 0.5, .drop_side = 0};
  std::string text = fmt::format("{:<24}{:>14}{:>10}{:>16}\n",
                                 fmt::format("{} {} bodies", count, pairs_from.empty() ? "drawn" : "real"),
                                 "part accuracy", "UV error", "silhouette IoU");
  for (const auto& [name, noise] : {std::pair("an estimator's joints", synth::JointNoise{}),
                                    std::pair("exact joints", exact), std::pair("half of them hidden", half)}) {
    const auto source =
        pairs_from.empty() ? drawn_bodies(kHeldOut, config, noise) : real_bodies(pairs_from, kHeldOut, config, noise);
    const auto score = score_uv(network, source, count, config.size, device);
    text += fmt::format("{:<24}{:>14.3f}{:>10.3f}{:>16.3f}\n", name, score.part_accuracy, score.uv_error,
                        score.silhouette_iou);
  }
  return text;
}

}  // namespace retime

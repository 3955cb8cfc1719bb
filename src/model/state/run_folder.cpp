#include "model/state/run_folder.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime {

void RunFolder::create(const fs::path& scene, const std::string& config) const {
  make_folder(path_);
  make_folder(path_ / "checkpoints");
  note(FitState::kFitting);
  json about = json::object();
  if (!scene.empty())
    about = {{"scene", fs::absolute(scene).lexically_normal().string()},
             {"scene_from_run", fs::proximate(scene, path_).string()}};
  write_text_file(path_ / "run.json", about.dump(2) + "\n");
  write_text_file(config_file(), config);
}

void RunFolder::note(FitState state) const {
  const json status{{"state", state == FitState::kFitted ? "fitted" : "fitting"}};
  write_text_file(path_ / "status.json", status.dump() + "\n");
}

fs::path RunFolder::scene() const {
  std::ifstream in(path_ / "run.json");
  if (!in)
    throw Error(path_.string() +
                " is not the folder of a fit (no run.json): name the folder that `retime train` wrote");
  const json about = json::parse(in, nullptr, false);
  if (about.is_discarded())
    throw Error((path_ / "run.json").string() + " is damaged (not JSON): run `retime train` again");
  if (!about.contains("scene"))
    throw Error(path_.string() +
                " is not the fit of a scene (a network was trained there that belongs to none): name "
                "the folder that `retime train` wrote");
  // A tree that was moved as a whole still has its scene at the same place relative to the run.
  for (const fs::path& candidate : {path_ / about.value("scene_from_run", ""), fs::path(about.value("scene", ""))})
    if (fs::is_regular_file(candidate)) return candidate.lexically_normal();
  throw Error("the scene of " + path_.string() + " is gone (it was " + about.value("scene", "") +
              "): put it back, or name it with --scene");
}

void RunFolder::append_metrics(const std::string& line) {
  const bool is_first = pending_metrics_.empty();
  pending_metrics_ += line + '\n';
  try {
    append_to_file(metrics(), pending_metrics_);
    pending_metrics_.clear();
  } catch (const Error& error) {
    if (is_first) log_warn(std::string("metrics wait to be written: ") + error.what());
  }
}

void RunFolder::require_no_checkpoints() const {
  if (const auto files = checkpoints().list(); !files.empty())
    throw Error("none of the " + std::to_string(files.size()) + " checkpoint(s) in " +
                files.front().parent_path().string() +
                " can be used (see the warnings): put a good one there, or start anew with --resume none");
}

void RunFolder::trim_metrics(std::int64_t epoch, const std::string& key) const {
  std::ifstream in(metrics());
  if (!in) return;
  std::string kept;
  for (std::string line; std::getline(in, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (!entry.is_discarded() && entry.value(key, std::int64_t{0}) <= epoch) kept += line + "\n";
  }
  write_text_file(metrics(), kept);
}

fs::path newest_checkpoint(const RunFolder& run, const Communicator& communicator) {
  fs::path file;
  run_on_root(communicator, [&] {
    Checkpoint checkpoint;
    if (!run.checkpoints().read_newest(checkpoint, &file)) file.clear();
  });
  return communicator.broadcast(file.string());
}

}  // namespace retime

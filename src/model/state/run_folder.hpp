#pragma once

#include <filesystem>
#include <string>

#include "format/checkpoint.hpp"
#include "ranks/communicator.hpp"

namespace retime {

/// How far a fit has come, as status.json of its folder tells other programs.
enum class FitState { kFitting, kFitted };

/// The folder of one fit: checkpoints/, metrics.jsonl, previews/, config.cfg, run.json, which says where the scene is,
/// and status.json, which says whether the fit is complete.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path previews() const { return path_ / "previews"; }
  std::filesystem::path config_file() const { return path_ / "config.cfg"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  CheckpointFolder checkpoints() const { return CheckpointFolder(path_); }

  /// Makes the folder and notes the scene (empty: a network that belongs to no scene), the configuration and that the
  /// fit is not complete. Throws Error.
  void create(const std::filesystem::path& scene, const std::string& config) const;
  /// Writes status.json: {"state": "fitting"} or {"state": "fitted"}. Throws Error.
  void note(FitState state) const;
  /// The scene that the run was fitted to. Throws Error when the folder is not a run, has no scene or the scene is
  /// gone.
  std::filesystem::path scene() const;
  /// Appends a line to metrics.jsonl. One that cannot be written is warned of, kept and written with the next.
  void append_metrics(const std::string& line);
  /// Throws Error when there are checkpoints, none of which can be read: a fit must not take their place by itself.
  void require_no_checkpoints() const;
  /// Drops the lines of metrics.jsonl whose `key` is above `epoch`: those that a resumed run writes again.
  void trim_metrics(std::int64_t epoch, const std::string& key = "epoch") const;

 private:
  std::filesystem::path path_;
  std::string pending_metrics_;
};

/// The newest valid checkpoint of a run, the same file on every rank; an empty path when there is none. This call is
/// MPI collective.
std::filesystem::path newest_checkpoint(const RunFolder& run, const Communicator& communicator);

}  // namespace retime

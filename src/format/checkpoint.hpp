#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/h5.hpp"

namespace retime {

/// One named array of a checkpoint, float32 or int64, row-major.
struct NamedArray {
  std::string name;  ///< path inside the file, for example "parameters/renderer.e1.weight"
  h5::Dims dims;
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
};

/// Everything that a fit needs to go on exactly: independent of the number of ranks.
struct Checkpoint {
  std::int64_t step = 0;   ///< optimiser steps taken
  std::int64_t epoch = 0;  ///< epochs that are complete
  std::string config;      ///< the resolved configuration, as INI text
  std::string scene_fingerprint;
  bool milestone = false;                  ///< is kept for good
  std::map<std::string, double> schedule;  ///< where the fit stands within its epoch, and state of the loss schedule
  std::vector<NamedArray> arrays;
};

/// Writes a checkpoint, complete or not at all. Throws Error.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Reads a checkpoint and verifies its checksums. Throws Error.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// A number that tells checkpoints apart: whatever value differs, another one, as good as surely.
std::uint64_t digest_of(const Checkpoint& checkpoint);

/// The checkpoints of a run, one file per save in RUN/checkpoints, named by step.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path run);
  std::filesystem::path path_of(std::int64_t step) const;
  /// Newest first.
  std::vector<std::filesystem::path> list() const;
  /// Reads the newest checkpoint that is valid; logs those it had to skip. False when there is none.
  bool read_newest(Checkpoint& checkpoint, std::filesystem::path* used = nullptr) const;
  /// Deletes all files; returns how many there were.
  int clear() const;
  /// Deletes all but milestones and the newest `keep` files up to step `last`, and drops those above it:
  /// saves of a fit that was given up for an older one.
  void prune(int keep, std::int64_t last) const;
  /// Sets those above `step` aside as NAME.dropped, and tells so; a failure is a warning.
  void drop_above(std::int64_t step) const;
  /// Renames those above `step` to NAME.`ending`, or NAME.`ending`.2 and so on where that is taken: nobody trips over
  /// them again, and nothing is lost. Returns how many there were.
  int set_aside_above(std::int64_t step, const std::string& ending) const;
  /// Deletes what saves that were cut off have left. Only for the one process that writes into the run.
  void remove_leftovers() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace retime

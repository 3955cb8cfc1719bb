#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"

namespace retime {

/// A Slurm of its own (cluster.sh) with three nodes, up while this lives, and a folder for what its jobs write.
class SlurmCluster {
 public:
  SlurmCluster() {
    std::filesystem::create_directories(folder_);
    const auto result = control("up 3", "CLUSTER_GPUS=2 CLUSTER_OWNER=" + std::to_string(::getpid()));
    is_up_ = result.exit_code == 0;
    is_possible_ = result.exit_code != kCannotRun;
    report_ = result.output;
  }
  ~SlurmCluster() {
    control("down");
    test::clear_up(folder_);
  }
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  /// False where this machine lacks what a cluster needs; `report` says what.
  bool is_possible() const { return is_possible_; }
  bool is_up() const { return is_up_; }
  const std::string& report() const { return report_; }
  std::filesystem::path folder() const { return folder_; }

  /// Runs a command of cluster.sh: "wait JOB", "kill 2", ...
  ProgramResult control(const std::string& command, const std::string& variables = "") const {
    return run_shell(variables + " " RETIME_SOURCE_DIR "/tests/slurm/cluster.sh " + (folder_ / "slurm").string() + " " +
                     command);
  }
  /// Runs a command on the login node.
  ProgramResult run(const std::string& command) const { return control("exec " + command); }

 private:
  static constexpr int kCannotRun = 77;

  // Short, as sockets lie in it.
  std::filesystem::path folder_ = "/tmp/retime_slurm_" + std::to_string(::getpid());
  bool is_up_ = false, is_possible_ = false;
  std::string report_;
};

}  // namespace retime

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "format/checkpoint.hpp"
#include "slurm/slurm_cluster.hpp"

namespace retime {

/// Jobs of the batch scripts in jobs/slurm on the one cluster of the test program. Skips where there can be none.
class Slurm : public ::testing::Test {
 protected:
  void SetUp() override;
  /// Shows the logs of a failed test's jobs.
  void TearDown() override;

  static const SlurmCluster& cluster();
  /// A folder of results; `with_scene`: it holds a scene already.
  std::filesystem::path results(const std::string& name, bool with_scene = true);

  /// The site.sh of this cluster.
  static std::string site();
  /// Runs a script of jobs/slurm on the login node, with variables that site.sh reads.
  static ProgramResult script(const std::string& command, const std::string& variables = "");
  /// Submits a fit of `results(...)` on two nodes with two ranks each; returns the number of the job.
  static std::string submit_fit(const std::filesystem::path& results, const std::string& options = "",
                                const std::string& variables = "");
  /// The number of a stage's job in what pipeline.sh has printed.
  static std::string job_of(const std::string& stage, const std::string& output);

  /// Waits for the end of a job; returns its state ("COMPLETED").
  static std::string end_of(const std::string& job);
  /// A value of `scontrol show job`.
  static std::string value_of(const std::string& job, const std::string& key);
  /// Waits until it holds; false after a minute and a half.
  static bool comes_true(const std::function<bool()>& condition);
  /// Waits for a checkpoint above a step; false when none comes.
  static bool gets_beyond(const std::filesystem::path& results, std::int64_t step);
  /// All logs of the jobs and ranks.
  static std::string logs(const std::filesystem::path& results);

  static Checkpoint newest(const std::filesystem::path& results);
  /// The newest checkpoint of a fit on two nodes that nothing has disturbed.
  static const Checkpoint& undisturbed();
  static void expect_equal(const Checkpoint& a, const Checkpoint& b);

 private:
  std::vector<std::filesystem::path> results_;
};

}  // namespace retime

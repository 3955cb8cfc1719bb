#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "catalog/catalog_list.hpp"

namespace retime::catalog {

struct SubmitOptions {
  std::filesystem::path script;    ///< batch script of one task
  int max_running = 4;             ///< tasks at a time
  std::vector<std::string> extra;  ///< further options of sbatch
};

/// "0-3,7%2" for tasks 0, 1, 2, 3 and 7, two at a time. `entries` ascend.
std::string array_text(const std::vector<int>& entries, int max_running);

/// Sends a job array of these entries and notes it in the catalog's folder: by the `submit.sh` beside the script, which
/// knows what the site wants, or else by sbatch. The tasks get RETIME_CATALOG and RETIME_CATALOG_OUT (absolute paths).
/// Returns the job's number. Throws Error when sbatch is missing or refuses.
std::string submit_job(const Catalog& catalog, const std::filesystem::path& folder, const std::vector<int>& entries,
                       const SubmitOptions& options);

/// What Slurm says now of the noted jobs, by the name of the video: "job 12_3 PENDING (Priority)". Empty where there is
/// no squeue, where it does not answer, and without jobs.
std::map<std::string, std::string> queued_videos(const std::filesystem::path& folder);

}  // namespace retime::catalog

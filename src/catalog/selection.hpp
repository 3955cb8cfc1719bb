#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/catalog_list.hpp"
#include "catalog/runner.hpp"
#include "catalog/status_table.hpp"

namespace retime::catalog {

/// Entries, by index, that failed; also those that have been mended since and wait.
std::vector<int> failed_entries(const Catalog& catalog, const std::filesystem::path& folder);

/// Entries that are neither done nor running nor queued with Slurm.
std::vector<int> entries_to_submit(const Catalog& catalog, const std::filesystem::path& folder);

/// The lines of some entries out of those of all.
std::vector<VideoLine> lines_of(const std::vector<VideoLine>& videos, const std::vector<int>& entries);

/// The words of a list with commas between them.
std::vector<std::string> split_commas(const std::string& list);

/// Names of the GPUs that jobs share: those of CUDA_VISIBLE_DEVICES, or else as many as `PROGRAM gpus` prints. Empty
/// for one job, which takes what it finds.
std::vector<std::string> gpus_for(int jobs, const std::filesystem::path& program);

/// Works on these entries, writes the page and tells where they stand. Returns their exit code (see status_exit_code);
/// kExitSaved after a signal.
int run_entries(const Catalog& catalog, const std::filesystem::path& folder, const std::vector<int>& entries,
                const RunnerOptions& options, AskSlurm ask);

}  // namespace retime::catalog

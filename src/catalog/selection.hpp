#pragma once

#include <filesystem>
#include <vector>

#include "catalog/catalog_list.hpp"
#include "catalog/status_table.hpp"

namespace retime::catalog {

/// Entries, by index, that failed; also those that have been mended since and wait.
std::vector<int> failed_entries(const Catalog& catalog, const std::filesystem::path& folder);

/// Entries that are neither done nor running nor queued with Slurm.
std::vector<int> entries_to_submit(const Catalog& catalog, const std::filesystem::path& folder);

/// The lines of some entries out of those of all.
std::vector<VideoLine> lines_of(const std::vector<VideoLine>& videos, const std::vector<int>& entries);

}  // namespace retime::catalog

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace retime {

/// Whether `a` comes before `b` when runs of digits count as numbers: frame2 before frame10.
bool natural_less(const std::string& a, const std::string& b);

/// The PNG and JPEG files directly in a folder, in natural order, hidden ones left out. Throws Error if it cannot be
/// read, or if two files differ only in their ending.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder);

/// The last number in a file's name without ending: 12 for mask_000012.png.
std::optional<long> file_number(const std::filesystem::path& file);

}  // namespace retime

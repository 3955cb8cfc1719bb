#pragma once

#include <filesystem>

namespace retime {

/// Whether some process holds the folder by a FolderLock. False when nobody ever did, or where the file system knows no
/// locks. Who takes the lock in this very moment may find it held.
bool is_folder_locked(const std::filesystem::path& folder) noexcept;

}  // namespace retime

#pragma once

#include <filesystem>

namespace retime {

/// Holds a folder for one process of one job while it lives, by a lock of the kernel on the file `.lock` in it; on NFS
/// that lock holds among nodes. The kernel lets go when the process ends, however it ends, so a killed job leaves none
/// behind. The file tells who holds it. Where the file system knows no locks, that note is all there is: a holder on
/// this node that still lives is refused, of one on another node the log warns.
class FolderLock {
 public:
  /// Waits a second or two for a holder that is just ending. Throws Error, which names the holder, when it stays.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// The open file of the lock: a program that inherits it holds the folder as well.
  int descriptor() const noexcept { return file_; }

 private:
  int file_;
};

/// Holds a file that is being made, for one process while it lives, so that no two make the same one: by a lock of the
/// same kind on `.NAME.lock` beside it, which is removed at the end. A killed process leaves that file, but no lock.
class OutputLock {
 public:
  /// Throws Error, which names the holder, as FolderLock does.
  explicit OutputLock(const std::filesystem::path& output);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

/// Whether some process holds the folder by a FolderLock. False when nobody ever did, or where the file system knows no
/// locks. Who takes the lock in this very moment may find it held.
bool is_folder_locked(const std::filesystem::path& folder) noexcept;

}  // namespace retime

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

}  // namespace retime

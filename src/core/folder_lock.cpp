#include "core/folder_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/process.hpp"

namespace retime {
namespace {

constexpr int kTries = 15;
constexpr std::chrono::milliseconds kBetweenTries{100};

/// What a lock keeps others from.
struct Held {
  std::string path;
  std::string kind;    ///< "folder"
  std::string state;   ///< "in use"
  std::string advice;  ///< when it cannot be locked

  std::string name() const { return "the " + kind + " " + path; }
};

Held held_folder(const std::filesystem::path& folder) {
  return {folder.string(), "folder", "in use", "check that it exists and may be written"};
}

Held held_output(const std::filesystem::path& output) {
  return {output.string(), "file", "being written", "check that its folder exists and may be written"};
}

[[noreturn]] void fail(const Held& held, int error) {
  throw Error("cannot lock " + held.name() + " (" + std::strerror(error) + "): " + held.advice);
}

/// Who holds a folder.
struct Holder {
  std::string host;
  int process = 0;
  std::string job;  ///< of Slurm; empty outside

  static Holder self() {
    const char* job = std::getenv("SLURM_JOB_ID");
    return {host_name(), ::getpid(), job ? job : ""};
  }
  std::string text() const {
    if (process == 0) return "another process";
    return fmt::format("process {} on {}{}", process, host, job.empty() ? "" : " of job " + job);
  }
};

std::optional<Holder> read_holder(int file) {
  std::array<char, 512> note{};
  if (::pread(file, note.data(), note.size() - 1, 0) <= 0) return std::nullopt;
  std::istringstream in(note.data());
  Holder holder;
  if (!(in >> holder.host >> holder.process)) return std::nullopt;
  in >> holder.job;
  return holder;
}

void write_holder(int file) {
  const auto self = Holder::self();
  const std::string note = fmt::format("{} {} {}\n", self.host, self.process, self.job);
  // The note helps those who are refused; the lock holds without it.
  [[maybe_unused]] const bool written =
      ::ftruncate(file, 0) == 0 && ::pwrite(file, note.data(), note.size(), 0) == static_cast<ssize_t>(note.size());
}

// 0, or why the folder cannot be locked.
int try_lock(int file) {
  if (is_fault_asked("lock.unsupported")) return ENOSYS;
  for (int i = 0; i < kTries; ++i) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    std::this_thread::sleep_for(kBetweenTries);
  }
  return EWOULDBLOCK;
}

bool knows_no_locks(int error) { return error == ENOSYS || error == ENOLCK || error == EOPNOTSUPP || error == EINVAL; }

// Nothing but the note tells of others.
bool is_held_by_note(int file, const Held& held) {
  const auto holder = read_holder(file);
  const auto self = Holder::self();
  if (!holder || (holder->host == self.host && holder->process == self.process)) return false;
  if (holder->host == self.host) return ::kill(holder->process, 0) == 0 || errno == EPERM;
  log_warn("the file system of " + held.path + " knows no locks, and " + holder->text() +
           " worked there last: take care that it has ended");
  return false;
}

[[noreturn]] void refuse(const Held& held, int file) {
  throw Error(held.name() + " is " + held.state + " (" + read_holder(file).value_or(Holder()).text() +
              " works on it): wait for it to end, or name another " + held.kind);
}

// Locks an open file and notes there who holds it.
void lock_and_note(int file, const Held& held) {
  const int error = try_lock(file);
  if (error == EWOULDBLOCK) refuse(held, file);
  if (error != 0 && !knows_no_locks(error)) fail(held, error);
  if (error != 0 && is_held_by_note(file, held)) refuse(held, file);
  write_holder(file);
}

// Opens and locks `path`; returns the open file.
int hold(const std::filesystem::path& path, const Held& held) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail(held, errno);
  try {
    lock_and_note(file, held);
  } catch (...) {
    ::close(file);
    throw;
  }
  return file;
}

// Whether `path` still names the open file: its last holder may have removed it meanwhile.
bool is_named(int file, const std::filesystem::path& path) {
  struct stat open {
  }, named{};
  return ::fstat(file, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) : file_(hold(folder / ".lock", held_folder(folder))) {}

FolderLock::~FolderLock() {
  [[maybe_unused]] const int ignored = ::ftruncate(file_, 0);
  ::close(file_);
}

OutputLock::OutputLock(const std::filesystem::path& output)
    : path_(output.parent_path() / ("." + output.filename().string() + ".lock")) {
  for (file_ = hold(path_, held_output(output)); !is_named(file_, path_); file_ = hold(path_, held_output(output)))
    ::close(file_);
}

OutputLock::~OutputLock() {
  ::unlink(path_.c_str());
  ::close(file_);
}

bool is_folder_locked(const std::filesystem::path& folder) noexcept {
  const int file = ::open((folder / ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool locked = ::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(file);
  return locked;
}

}  // namespace retime

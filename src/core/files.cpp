#include "core/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/process.hpp"

namespace retime {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw Error(what + " (" + std::strerror(error) + "): check the folder, its rights and its free space");
}

void sync_path(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), flags);
  if (file < 0) fail("cannot open " + path.string(), errno);
  const int status = ::fsync(file);
  const int error = errno;
  ::close(file);
  // Some network file systems do not sync folders; that is no reason to lose a save.
  if (status != 0 && error != EINVAL && error != ENOTSUP) fail("cannot sync " + path.string(), error);
}

void write_all(int file, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot write " + path.string(), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

/// An open file; what a network file system tells when it is closed counts too.
class OpenFile {
 public:
  OpenFile(const std::filesystem::path& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (file_ < 0) fail("cannot write " + path.string(), errno);
  }
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  OpenFile(OpenFile&&) = delete;
  int get() const { return file_; }
  void close(const std::filesystem::path& path) {
    if (::close(std::exchange(file_, -1)) != 0) fail("cannot write " + path.string(), errno);
  }

 private:
  int file_;
};

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

constexpr std::uint64_t kHashStart = 0xcbf29ce484222325ULL;

std::uint64_t fnv1a(std::uint64_t hash, const char* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<unsigned char>(data[i])) * 0x100000001b3ULL;
  return hash;
}

// Machine and process numbering are part of the name: process numbers of others say nothing here.
std::string temporary_prefix(const std::filesystem::path& path) {
  return "." + path.filename().string() + ".tmp-" + process_place() + "-";
}

std::uint64_t file_hash(const std::filesystem::path& path) {
  constexpr std::streamoff kPart = 1 << 20;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) fail("cannot read " + path.string(), errno);
  const std::streamoff size = in.tellg();
  std::uint64_t hash = fnv1a(kHashStart, reinterpret_cast<const char*>(&size), sizeof size);
  std::vector<char> part(static_cast<std::size_t>(std::min(size, kPart)));
  for (const std::streamoff at : {std::streamoff{0}, std::max<std::streamoff>(size - kPart, 0)}) {
    in.seekg(at);
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    hash = fnv1a(hash, part.data(), static_cast<std::size_t>(in.gcount()));
  }
  return hash;
}

std::uint64_t folder_hash(const std::filesystem::path& folder) {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      lines.push_back(fmt::format("{} {} {}\n", std::filesystem::relative(entry.path(), folder).string(),
                                  entry.file_size(), entry.last_write_time().time_since_epoch().count()));
  std::sort(lines.begin(), lines.end());
  std::uint64_t hash = kHashStart;
  for (const auto& line : lines) hash = fnv1a(hash, line.data(), line.size());
  return hash;
}

const char* wanted_fault() { return std::getenv("RETIME_FAULT_POINT"); }

void fail_by(const std::string& wanted, const std::string& stage) {
  if (wanted == stage || wanted == "kill:" + stage) std::raise(SIGKILL);
  if (wanted == "stop:" + stage) std::raise(SIGSTOP);
  if (wanted == "throw:" + stage) throw Error("RETIME_FAULT_POINT asks for a failure: unset it");
  while (wanted == "hang:" + stage) ::pause();
}

}  // namespace

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return parent_of(path) / (temporary_prefix(path) + std::to_string(::getpid()));
}

void remove_stale_temporaries(const std::filesystem::path& path) {
  if (process_place().empty()) return;
  const std::string prefix = temporary_prefix(path);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent_of(path), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    std::string process = name.substr(prefix.size());
    if (process.ends_with(kReplaced)) {
      if (!std::filesystem::exists(path)) continue;  // It was the only one when its writer was killed.
      process.resize(process.size() - kReplaced.size());
    }
    if (process.find_first_not_of("0123456789") != std::string::npos) continue;
    const int writer = std::atoi(process.c_str());
    if (writer > 0 && ::kill(writer, 0) != 0 && errno == ESRCH) remove_tree(entry.path());
  }
}

// (LibTorch brings a std::filesystem::remove_all of its own, which crashes in programs that find it first.)
void remove_tree(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(std::filesystem::symlink_status(path, ignored))) {
    const std::vector<std::filesystem::directory_entry> entries(std::filesystem::directory_iterator(path, ignored), {});
    for (const auto& entry : entries) remove_tree(entry.path());
  }
  std::filesystem::remove(path, ignored);
}

void write_bytes_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC);
  fault_point("save.opened", path);
  write_all(file.get(), bytes.first(bytes.size() / 2), path);
  fault_point("save.halfway", path);
  write_all(file.get(), bytes.subspan(bytes.size() / 2), path);
  file.close(path);
}

void append_to_file(const std::filesystem::path& path, const std::string& text) {
  OpenFile file(path, O_WRONLY | O_CREAT | O_APPEND);
  const auto size = ::lseek(file.get(), 0, SEEK_END);
  try {
    write_all(file.get(), std::as_bytes(std::span(text)), path);
  } catch (const Error&) {
    [[maybe_unused]] const int ignored = ::ftruncate(file.get(), size);
    throw;
  }
  file.close(path);
}

void sync_and_rename(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  fault_point("save.closed", path);
  sync_path(temporary, O_RDONLY);
  fault_point("save.synced", path);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail("cannot rename " + temporary.string() + " to " + path.filename().string(), error);
  }
  fault_point("save.renamed", path);
  sync_path(parent_of(path), O_RDONLY | O_DIRECTORY);
}

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  const auto temporary = temporary_name(path);
  {
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    out.flush();
    if (!out) {
      const int error = errno;
      std::error_code ignored;
      std::filesystem::remove(temporary, ignored);
      fail("cannot write " + path.string(), error);
    }
  }
  sync_and_rename(temporary, path);
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!std::filesystem::is_directory(path))
    fail("cannot create the folder " + path.string(), error ? error.value() : ENOTDIR);
  if (::access(path.c_str(), W_OK) != 0) fail("cannot write into the folder " + path.string(), errno);
}

void check_writable(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path))
    throw Error("cannot write " + path.string() + " (it is a folder): name a file");
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path))
    throw Error("cannot write " + path.string() + " (it is not a regular file): name another file");
  make_folder(parent_of(path));
}

std::string fingerprint_of(const std::filesystem::path& path) {
  const std::uint64_t hash = std::filesystem::is_directory(path) ? folder_hash(path) : file_hash(path);
  return fmt::format("{:016x}", hash);
}

void fault_point(const char* stage) {
  if (const char* wanted = wanted_fault()) fail_by(wanted, stage);
}

void fault_point(const char* stage, std::int64_t number) {
  if (const char* wanted = wanted_fault()) fail_by(wanted, fmt::format("{} {}", stage, number));
}

bool fault_wanted(const char* action, const char* stage, std::int64_t number) {
  const char* wanted = wanted_fault();
  return wanted && wanted == fmt::format("{}:{} {}", action, stage, number);
}

void fault_point(const char* stage, const std::filesystem::path& file) {
  const char* part = std::getenv("RETIME_FAULT_FILE");
  if (!part || file.filename().string().find(part) != std::string::npos) fault_point(stage);
}

bool is_fault_asked(const char* stage) {
  const char* wanted = wanted_fault();
  return wanted && std::string(wanted) == stage;
}

}  // namespace retime

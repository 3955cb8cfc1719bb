#include "core/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include "core/error.hpp"

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

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

std::uint64_t fnv1a(std::uint64_t hash, const char* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<unsigned char>(data[i])) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return parent_of(path) / ("." + path.filename().string() + ".tmp" + std::to_string(::getpid()));
}

void sync_and_rename(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  sync_path(temporary, O_RDONLY);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail("cannot rename " + temporary.string() + " to " + path.filename().string(), error);
  }
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
  if (!std::filesystem::is_directory(path)) fail("cannot create the folder " + path.string(), error ? error.value() : ENOTDIR);
  if (::access(path.c_str(), W_OK) != 0) fail("cannot write into the folder " + path.string(), errno);
}

void check_writable(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path))
    throw Error("cannot write " + path.string() + " (it is a folder): name a file");
  make_folder(parent_of(path));
}

std::string file_fingerprint(const std::filesystem::path& path) {
  constexpr std::streamoff kPart = 1 << 20;
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) fail("cannot read " + path.string(), errno);
  const std::streamoff size = in.tellg();
  std::uint64_t hash = fnv1a(0xcbf29ce484222325ULL, reinterpret_cast<const char*>(&size), sizeof size);
  std::vector<char> part(static_cast<std::size_t>(std::min(size, kPart)));
  for (const std::streamoff at : {std::streamoff{0}, std::max<std::streamoff>(size - kPart, 0)}) {
    in.seekg(at);
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    hash = fnv1a(hash, part.data(), static_cast<std::size_t>(in.gcount()));
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace retime

#include "media/loaded_library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

fs::path find_library(const char* name) {
  const auto here = fs::read_symlink("/proc/self/exe").parent_path();
  if (fs::exists(here / name)) return here / name;
  const char* folder = std::getenv("RETIME_LIBEXEC");
  return (folder ? fs::path(folder) : here / RETIME_LIBEXEC_FROM_BIN).lexically_normal() / name;
}

}  // namespace

const void* loaded_symbol(const char* library, const char* symbol, const char* what) {
  const auto path = find_library(library);
  void* const handle = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  const void* found = handle ? ::dlsym(handle, symbol) : nullptr;
  if (found) return found;
  const char* reason = ::dlerror();
  throw Error(std::string("cannot load ") + what + " (" + (reason ? reason : path.c_str()) +
              "): install retime again, or name that file's folder in the environment variable RETIME_LIBEXEC");
}

}  // namespace retime

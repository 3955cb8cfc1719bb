#include "media/picture_codecs.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr const char* kLibrary = "libretime_pictures.so";

fs::path find_library() {
  const auto here = fs::read_symlink("/proc/self/exe").parent_path();
  if (fs::exists(here / kLibrary)) return here / kLibrary;
  const char* folder = std::getenv("RETIME_LIBEXEC");
  return (folder ? fs::path(folder) : here / RETIME_LIBEXEC_FROM_BIN).lexically_normal() / kLibrary;
}

// Never closed: what it has given out may live as long as the process.
const PictureCodecs& load() {
  const auto path = find_library();
  void* const library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  const void* codecs = library ? ::dlsym(library, "retime_picture_codecs") : nullptr;
  if (codecs) return *static_cast<const PictureCodecs*>(codecs);
  const char* reason = ::dlerror();
  throw Error(std::string("cannot load the codecs of pictures (") + (reason ? reason : path.c_str()) +
              "): install retime again, or name that file's folder in the environment variable RETIME_LIBEXEC");
}

}  // namespace

const PictureCodecs& picture_codecs() {
  static const PictureCodecs& codecs = load();
  return codecs;
}

}  // namespace retime

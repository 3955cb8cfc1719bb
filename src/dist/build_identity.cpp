#include "dist/build_identity.hpp"

#include <torch/version.h>

#include "core/files.hpp"

namespace retime {

// The linker's build id, a hash of everything that was linked, stands in the first pages of the file.
std::string build_identity() { return fingerprint_of("/proc/self/exe") + ", LibTorch " TORCH_VERSION; }

}  // namespace retime

#pragma once

#include <string>

namespace retime {

/// What tells this build of the program from others: the linker's build id, a hash of everything that was linked, in
/// hexadecimal, and LibTorch's version. Empty id where the program was linked without one.
std::string build_identity();

}  // namespace retime

#pragma once

#include <string>

namespace retime {

/// What tells this build of the program from others: a fingerprint of its file, in hexadecimal, and LibTorch's version.
std::string build_identity();

}  // namespace retime

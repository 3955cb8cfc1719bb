#pragma once

#include <string>

namespace retime {

/// Name of the process numbering that this process lives in, a number of the kernel's; empty where it cannot be seen.
std::string process_namespace();

/// Where the number of this process means something, for names of files: "HOST-NAMESPACE". Containers may share a host
/// name but not a numbering. Empty where the numbering cannot be seen.
std::string process_place();

}  // namespace retime

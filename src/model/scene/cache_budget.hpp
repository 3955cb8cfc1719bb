#pragma once

#include <c10/core/Device.h>

#include <cstddef>
#include <limits>

namespace retime {

/// How much memory a rank may use for frames and maps.
struct CacheBudget {
  std::size_t resident = std::numeric_limits<std::size_t>::max();  ///< bytes of the device: what fits is held there
  std::size_t streamed = resident;                                 ///< bytes of the host, when it does not fit
};

/// `gib` on the device or, for what does not fit, on the host. 0 chooses: on CPUs 4 GiB; on a GPU half of what is free
/// there, or 4 GiB of the host.
CacheBudget cache_budget(double gib, c10::Device device);

}  // namespace retime

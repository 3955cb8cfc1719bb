#pragma once

#include <string>

#include "core/error.hpp"

namespace retime {

/// For the values of options: throws UsageError, with `problem` and where to look, when it does not hold.
inline void require(bool holds, const std::string& problem) {
  if (!holds) throw UsageError(problem + ": see --help");
}

}  // namespace retime

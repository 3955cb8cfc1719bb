#include "core/fault_point.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace retime {

void fault_point(const char* stage) {
  const char* wanted = std::getenv("RETIME_FAULT_POINT");
  if (wanted && std::strcmp(wanted, stage) == 0) std::raise(SIGKILL);
}

}  // namespace retime

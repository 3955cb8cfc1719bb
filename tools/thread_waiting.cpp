#include "tools/thread_waiting.hpp"

#include <unistd.h>

#include <cstdlib>

namespace retime {

void limit_thread_spinning(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  ::setenv("GOMP_SPINCOUNT", "2000", 1);
  ::execv("/proc/self/exe", argv);  // returns only if it failed: then threads wait as they always did
}

}  // namespace retime

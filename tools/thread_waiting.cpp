// How OpenMP's idle threads wait. They spin by default, which burns whole time slices as soon as another process wants
// the same core: on a shared node a step then takes several times as long. A short spin costs nothing measurable on an
// idle one. libgomp reads its environment when it is loaded, so this has to run before any library's constructor.

#include <cstdlib>

namespace {

void limit_spinning() {
  if (!std::getenv("OMP_WAIT_POLICY") && !std::getenv("GOMP_SPINCOUNT")) ::setenv("GOMP_SPINCOUNT", "2000", 1);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const kBeforeConstructors)() = limit_spinning;

}  // namespace

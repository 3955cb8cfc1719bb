#include "model/scene/cache_budget.hpp"

#include "dist/device.hpp"

namespace retime {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kHost_gib = 4;

}  // namespace

CacheBudget cache_budget(double gib, c10::Device device) {
  const auto bytes = static_cast<std::size_t>((gib > 0 ? gib : kHost_gib) * kGib);
  if (gib > 0 || !device.is_cuda()) return {bytes, bytes};
  return {free_device_memory(device) / 2, bytes};
}

}  // namespace retime

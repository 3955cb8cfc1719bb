#pragma once

#include "core/options.hpp"

namespace retime {

/// Where a user wants things computed.
enum class DeviceChoice {
  kAuto,  ///< on GPUs if every rank sees one, on CPUs if none does
  kCpu,
  kCuda,
};

/// Registers `device`.
inline void add_device_option(OptionTable& table, const std::string& section, DeviceChoice& device) {
  table.add_choice(section, "device", device,
                   {{"auto", DeviceChoice::kAuto}, {"cpu", DeviceChoice::kCpu}, {"cuda", DeviceChoice::kCuda}},
                   "where to compute");
}

}  // namespace retime

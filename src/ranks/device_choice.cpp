#include "ranks/device_choice.hpp"

namespace retime {

void add_device_option(OptionTable& table, const std::string& section, DeviceChoice& device) {
  table.add_choice(section, "device", device,
                   {{"auto", DeviceChoice::kAuto}, {"cpu", DeviceChoice::kCpu}, {"cuda", DeviceChoice::kCuda}},
                   "where to compute");
}

}  // namespace retime

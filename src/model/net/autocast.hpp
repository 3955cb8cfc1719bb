#pragma once

#include <ATen/autocast_mode.h>

namespace retime {

/// Convolutions and matrix products on `device` run in bfloat16 while one lives, if `enabled`.
class Autocast {
 public:
  Autocast(bool enabled, c10::DeviceType device) : device_(device), before_(at::autocast::is_autocast_enabled(device)) {
    at::autocast::set_autocast_enabled(device_, enabled);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  }
  ~Autocast() {
    at::autocast::set_autocast_enabled(device_, before_);
    at::autocast::clear_cache();
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool before_;
};

}  // namespace retime

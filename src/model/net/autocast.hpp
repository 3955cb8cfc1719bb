#pragma once

#include <ATen/autocast_mode.h>

namespace retime {

/// Convolutions and matrix products on `device` run in bfloat16 while one lives, if `enabled`.
class Autocast {
 public:
  Autocast(bool enabled, c10::DeviceType device) : enabled_(enabled), device_(device) {
    if (!enabled_) return;
    before_ = at::autocast::is_autocast_enabled(device_);
    dtype_before_ = at::autocast::get_autocast_dtype(device_);
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  }
  ~Autocast() {
    if (!enabled_) return;
    at::autocast::set_autocast_enabled(device_, before_);
    at::autocast::set_autocast_dtype(device_, dtype_before_);
    at::autocast::clear_cache();
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool enabled_, before_ = false;
  c10::DeviceType device_;
  at::ScalarType dtype_before_ = at::kFloat;
};

}  // namespace retime

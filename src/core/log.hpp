#pragma once

#include <string>

namespace retime {

/// Where this process stands in the job; part of each line that it logs when `world_size` > 1.
struct LogIdentity {
  int rank = 0;
  int world_size = 1;
};

/// Sets up logging to standard error. `level`: trace, debug, info, warn, error or off. Ranks above 0 log from `warn`
/// up. Throws UsageError for another level name.
void setup_logging(const std::string& level, LogIdentity identity = {});

/// One line each. (LibTorch brings an fmt of its own, so spdlog stays out of headers that meet it.)
void log_debug(const std::string& message);
void log_info(const std::string& message);
void log_warn(const std::string& message);
void log_error(const std::string& message);

}  // namespace retime

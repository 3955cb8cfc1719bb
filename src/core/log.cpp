#include "core/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/error.hpp"

namespace retime {

void setup_logging(const std::string& level, LogIdentity identity) {
  const auto parsed = spdlog::level::from_str(level);
  if (parsed == spdlog::level::off && level != "off")
    throw UsageError("unknown log level '" + level + "': use trace, debug, info, warn, error or off");
  const auto logger =
      std::make_shared<spdlog::logger>("retime", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern(identity.world_size > 1 ? fmt::format("%^%l%$ [rank {}] %v", identity.rank) : "%^%l%$ %v");
  logger->set_level(identity.rank == 0 ? parsed : std::max(parsed, spdlog::level::warn));
  spdlog::set_default_logger(logger);
}

void log_debug(const std::string& message) { spdlog::debug("{}", message); }
void log_info(const std::string& message) { spdlog::info("{}", message); }
void log_warn(const std::string& message) { spdlog::warn("{}", message); }
void log_error(const std::string& message) { spdlog::error("{}", message); }

}  // namespace retime

#include "core/fault_point.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "core/error.hpp"

namespace retime {
namespace {

const char* wanted_fault() { return std::getenv("RETIME_FAULT_POINT"); }

void fail_by(const std::string& wanted, const std::string& stage) {
  if (wanted == stage || wanted == "kill:" + stage) std::raise(SIGKILL);
  if (wanted == "stop:" + stage) std::raise(SIGSTOP);
  if (wanted == "throw:" + stage) throw Error("RETIME_FAULT_POINT asks for a failure: unset it");
  while (wanted == "hang:" + stage) ::pause();
}

}  // namespace

void fault_point(const char* stage) {
  if (const char* wanted = wanted_fault()) fail_by(wanted, stage);
}

void fault_point(const char* stage, std::int64_t number) {
  if (const char* wanted = wanted_fault()) fail_by(wanted, fmt::format("{} {}", stage, number));
}

bool fault_wanted(const char* action, const char* stage, std::int64_t number) {
  const char* wanted = wanted_fault();
  return wanted && wanted == fmt::format("{}:{} {}", action, stage, number);
}

void fault_point(const char* stage, const std::filesystem::path& file) {
  const char* part = std::getenv("RETIME_FAULT_FILE");
  if (!part || file.filename().string().find(part) != std::string::npos) fault_point(stage);
}

bool is_fault_asked(const char* stage) {
  const char* wanted = wanted_fault();
  return wanted && std::string(wanted) == stage;
}

}  // namespace retime

#include "core/progress_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/files.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime {
namespace {

constexpr double kPeriod_s = 1;

double now_s() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

double ProgressState::left_now_s() const {
  return left_s < 0 ? left_s : std::max(0.0, left_s - std::max(0.0, now_s() - written_s));
}

std::string progress_text(const ProgressState& state) {
  const std::string total = state.total > 0 ? fmt::format("/{}", state.total) : "";
  return fmt::format("{} {}{} {}", state.stage, state.done, total, state.unit);
}

void publish_progress(const ProgressState& state) noexcept {
  const char* file = std::getenv("RETIME_PROGRESS_FILE");
  if (!file) return;
  static std::mutex mutex;
  static double written_s = 0;
  const std::lock_guard lock(mutex);
  if (state.done > 0 && state.done != state.total && now_s() < written_s + kPeriod_s && now_s() >= written_s) return;
  written_s = now_s();
  write_progress_file(file, state);
}

void write_progress_file(const fs::path& path, ProgressState state) noexcept {
  try {
    const json text{{"stage", state.stage}, {"unit", state.unit},     {"done", state.done},
                    {"total", state.total}, {"left_s", state.left_s}, {"written_s", now_s()}};
    // Not synced: after a crash of the machine nobody wants to know.
    const auto temporary = temporary_name(path);
    std::ofstream out(temporary, std::ios::binary);
    out << text.dump() << '\n';
    out.close();
    std::error_code ignored;
    if (out) fs::rename(temporary, path, ignored);
    if (!out || ignored) fs::remove(temporary, ignored);
  } catch (const std::exception&) {
  }
}

std::optional<ProgressState> read_progress_file(const fs::path& path) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  const json text = json::parse(in, nullptr, false);
  if (!text.is_object()) return std::nullopt;
  try {
    return ProgressState{text.at("stage"), text.at("unit"),   text.at("done"),
                         text.at("total"), text.at("left_s"), text.at("written_s")};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace retime

#pragma once

#include <filesystem>

namespace retime {

/// Ends this process by SIGKILL if the environment variable RETIME_FAULT_POINT names `stage`, and RETIME_FAULT_FILE,
/// where it is set, a part of the file's name: tests show with it that nothing is lost wherever a save is cut off.
/// Costs a look into the environment otherwise.
void fault_point(const char* stage, const std::filesystem::path& file);

/// Whether tests ask for the failure of a call that fails on some systems only.
bool is_fault_asked(const char* stage);

}  // namespace retime

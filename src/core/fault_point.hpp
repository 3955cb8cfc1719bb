#pragma once

#include <cstdint>
#include <filesystem>

namespace retime {

/// Lets tests make a process fail at a place of their choice, through the environment variable RETIME_FAULT_POINT:
/// "STAGE" or "kill:STAGE" ends it by SIGKILL, "stop:STAGE" stops it (SIGSTOP), "hang:STAGE" lets it sleep forever,
/// "throw:STAGE" throws Error. Costs a look into the environment otherwise.
void fault_point(const char* stage);
/// The same for the stage "STAGE NUMBER", for example "training step 17".
void fault_point(const char* stage, std::int64_t number);
/// The same where RETIME_FAULT_FILE is not set, or is a part of the file's name: tests show with it that nothing is
/// lost wherever a save is cut off.
void fault_point(const char* stage, const std::filesystem::path& file);

/// True if RETIME_FAULT_POINT is "ACTION:STAGE NUMBER": for faults that the caller brings about.
bool fault_wanted(const char* action, const char* stage, std::int64_t number);
/// Whether it is `stage`: tests ask for the failure of a call that fails on some systems only.
bool is_fault_asked(const char* stage);

}  // namespace retime

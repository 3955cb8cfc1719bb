#pragma once

#include <functional>
#include <string>

namespace retime {

/// Calls `work` with 0 .. count - 1, several at a time in no particular order, and shows as progress of `label` how
/// many are done. What `work` throws reaches the caller.
void for_frames(const std::string& label, int count, bool show_progress, const std::function<void(int)>& work);

}  // namespace retime

#pragma once

#include <string>
#include <vector>

namespace retime {

/// The words of a command line, split at spaces.
std::vector<std::string> split_words(const std::string& text);

/// What `launch_ranks` starts: launcher, "-n", ranks, program, arguments. Throws UsageError without a launcher.
std::vector<std::string> launch_command(const std::string& launcher, int ranks, const std::string& program,
                                        const std::vector<std::string>& arguments);

/// Runs this program with `arguments` on so many ranks as a child process, and waits for it. Its output goes where ours
/// goes. Open MPI is told through the environment, which other launchers do not mind, that ranks may outnumber cores,
/// are not bound to them and give way while they wait, and that root may run it if root does; what is set already
/// stays. Throws Error when it cannot be started or fails. To be called in a process without MPI.
void launch_ranks(const std::string& launcher, int ranks, const std::vector<std::string>& arguments);

}  // namespace retime

#pragma once

#include <string>
#include <vector>

namespace retime {

/// Names of the options of `retime run`, without dashes.
std::vector<std::string> run_option_names();

/// Reads options of `retime run` ("--size=192x108"), with the configuration that they name. Throws UsageError for what
/// `retime run` would refuse before it opens the clip.
void check_run_options(const std::vector<std::string>& arguments);

}  // namespace retime

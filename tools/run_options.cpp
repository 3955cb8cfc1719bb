#include "tools/run_options.hpp"

#include "stages/run_settings.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

// The settings as a table that also knows --config, as the command line does.
struct RunTable {
  RunSettings settings;
  std::string config;
  OptionTable table;

  RunTable() {
    table.add("general", "config", config, "");
    settings.add_to(table);
  }
};

}  // namespace

std::vector<std::string> run_option_names() { return RunTable().table.names(); }

void check_run_options(const std::vector<std::string>& arguments) {
  RunTable run;
  run.table.read_arguments(arguments);
  if (!run.config.empty()) run.table.read_file(find_config(run.config));
  run.table.read_arguments(arguments);
  run.settings.validate();
}

}  // namespace retime

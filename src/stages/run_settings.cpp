#include "stages/run_settings.hpp"

namespace retime {

void RunSettings::add_to(OptionTable& table) {
  table.add("files", "output", output, "folder for everything that is made");
  table.add_short('o', "output");
  table.add("files", "edit", edit, "edit file (JSON, see docs/edits.md) of the retimed video");
  prepare.add_to(table);
  fit.add_to(table);
  compose.add_to(table);
}

void RunSettings::validate() const {
  prepare.validate();
  fit.validate();
  compose.validate();
}

}  // namespace retime

#pragma once

#include <string>

#include "core/options.hpp"
#include "data/prepare/prepare.hpp"
#include "model/config/fit_config.hpp"
#include "stages/compose_stage.hpp"

namespace retime {

/// What `retime run` is asked for, from the clip to the videos.
struct RunSettings {
  PrepareOptions prepare;
  FitConfig fit;
  ComposeSettings compose;
  std::string output;  ///< folder for everything that is made
  std::string edit;    ///< edit file of the retimed video; may be empty

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

}  // namespace retime

#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/options.hpp"
#include "tools/command.hpp"

namespace retime {

/// Finds a configuration by path or by name ("preview" -> configs/preview.cfg beside the program or its source tree;
/// RETIME_CONFIG_DIR comes first). Throws UsageError that lists the names.
std::filesystem::path find_config(const std::string& name);

/// The command line of a sub-command: its options, and those that all have (--config, --log-level, --help,
/// --dump-config).
class CommandLine {
 public:
  using Check = std::function<void(const std::vector<std::string>& positional)>;
  /// As a number of positional arguments: one at least.
  static constexpr std::size_t kOneOrMore = static_cast<std::size_t>(-1);

  /// `usage` shows the positional arguments, as in "scene.h5 -o RUN [options]".
  CommandLine(std::string command, std::string usage, std::string summary);

  OptionTable& table() { return table_; }
  /// Configuration that is read when the command line names none. Empty: none.
  void set_default_config(std::string name) { default_config_ = std::move(name); }

  /// Tells the configuration that goes with the first positional argument; it is read before any other, if it exists.
  void set_input_config(std::function<std::filesystem::path(const std::string& input)> config_of) {
    input_config_ = std::move(config_of);
  }

  /// Reads configuration and arguments. Returns the positional arguments, of which there must be `positional` many, or
  /// nothing when help or the configuration was printed instead. `check` looks at what was read and throws Error.
  /// Throws UsageError with one rank; what is wrong on any of several, or differs between them, is an AgreedError. This
  /// call is MPI collective, `check` is not.
  std::optional<std::vector<std::string>> parse(const CommandContext& context, std::size_t positional,
                                                const Check& check = {});

 private:
  void read(const CommandContext& context, std::size_t positional, const Check& check);
  void check_ranks(const CommandContext& context) const;

  std::string command_, usage_, summary_, default_config_;
  OptionTable table_;
  std::function<std::filesystem::path(const std::string&)> input_config_;
  std::string config_, log_level_ = "info";
  double rank_timeout_ = 300;
  bool help_ = false, dump_config_ = false;
  std::vector<std::string> positional_;
};

/// Throws UsageError unless `value` was given: "train needs --output: see --help".
void require_option(const std::string& command, const std::string& name, const std::string& value);

}  // namespace retime

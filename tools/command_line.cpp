#include "tools/command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/error.hpp"
#include "core/log.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/computing_program.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

// Sections of all stages: one configuration file serves every command.
constexpr const char* kSections[] = {"prepare", "model", "loss", "train", "upsample", "render", "compose"};

std::vector<fs::path> config_folders() {
  std::vector<fs::path> folders;
  if (const char* folder = std::getenv("RETIME_CONFIG_DIR")) folders.emplace_back(folder);
  folders.push_back(program_path().parent_path() / "../share/retime/configs");  // installed
  folders.push_back(program_path().parent_path() / "../../../configs");         // build/PRESET/bin
  return folders;
}

std::string config_names() {
  std::vector<std::string> names;
  for (const auto& folder : config_folders())
    if (fs::is_directory(folder))
      for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".cfg") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

fs::path find_config(const std::string& name) {
  if (fs::is_regular_file(name)) return name;
  if (name.find('/') == std::string::npos)
    for (const auto& folder : config_folders())
      for (const auto& file : {name, name + ".cfg"})
        if (fs::is_regular_file(folder / file)) return folder / file;
  throw UsageError("no configuration '" + name + "' (neither a file nor one of: " + config_names() +
                   "): name a .cfg file or one of these");
}

CommandLine::CommandLine(std::string command, std::string usage, std::string summary)
    : command_(std::move(command)), usage_(std::move(usage)), summary_(std::move(summary)) {
  for (const char* section : kSections) table_.accept_section(section);
  table_.add("general", "config", config_, "configuration file, or the name of one (see configs/)");
  table_.add_short('c', "config");
  table_.add_choice("general", "log-level", log_level_, {"debug", "info", "warn", "error", "off"}, "what is told");
  table_.add("general", "rank-timeout", rank_timeout_,
             "seconds without progress after which the ranks of a job end it (loading and saving: six times as long; a "
             "rank that does not answer: at most 60); 0: never");
  table_.add("general", "dump-config", dump_config_, "print the resolved configuration and stop");
  table_.add("general", "help", help_, "print this and stop");
  table_.add_short('h', "help");
}

void CommandLine::read(const CommandContext& context, std::size_t positional, const Check& check) {
  // Finds --config and the input, and refuses unknown options.
  const auto inputs = table_.read_arguments(context.arguments);
  if (help_) return;
  if (input_config_ && !inputs.empty())
    if (const auto file = input_config_(inputs.front()); fs::is_regular_file(file)) table_.read_file(file);
  const std::string config = config_.empty() ? default_config_ : config_;
  if (!config.empty()) table_.read_file(find_config(config));
  positional_ = table_.read_arguments(context.arguments);
  if (rank_timeout_ < 0) throw UsageError("rank-timeout must not be negative: see --help");
  setup_logging(log_level_, {context.communicator.rank(), context.communicator.size()});
  if (dump_config_) return;
  const bool any_number = positional == kOneOrMore;
  if (any_number ? positional_.empty() : positional_.size() != positional)
    throw UsageError("retime " + command_ + " wants " + (any_number ? "at least 1" : std::to_string(positional)) +
                     " file argument(s), got " + std::to_string(positional_.size()) + ": retime " + command_ + " " +
                     usage_);
  if (check) check(positional_);
}

void CommandLine::check_ranks(const CommandContext& context) const {
  std::string text = table_.dump();
  for (const auto& file : positional_) text += "file " + file + "\n";
  require_same_on_all_ranks(context.communicator, "the configuration", text);
}

std::optional<std::vector<std::string>> CommandLine::parse(const CommandContext& context, std::size_t positional,
                                                           const Check& check) {
  const std::string help_text = table_.help();  // with the defaults, before anything is read
  run_on_all_ranks(context.communicator, [&] { read(context, positional, check); });
  check_ranks(context);
  if (help_) {
    if (context.communicator.is_root())
      std::printf("retime %s %s\n\n%s\n%s", command_.c_str(), usage_.c_str(), summary_.c_str(), help_text.c_str());
    return std::nullopt;
  }
  if (dump_config_) {
    if (context.communicator.is_root())
      std::printf("%s", table_.dump({std::begin(kSections), std::end(kSections)}).c_str());
    return std::nullopt;
  }
  if (context.set_rank_timeout) context.set_rank_timeout(rank_timeout_);
  return positional_;
}

void require_option(const std::string& command, const std::string& name, const std::string& value) {
  if (value.empty()) throw UsageError("retime " + command + " needs --" + name + ": see retime " + command + " --help");
}

}  // namespace retime

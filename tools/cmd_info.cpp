#include <cstdio>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "format/contents.hpp"
#include "ranks/rank_agreement.hpp"
#include "tools/command_line.hpp"

namespace retime {
namespace {

void print_contents(const std::vector<std::string>& files, bool as_json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& file : files) all.push_back(contents_of(file));
  if (as_json) {
    std::printf("%s\n", all.dump(2).c_str());
    return;
  }
  for (const auto& contents : all) {
    if (all.size() > 1)
      std::printf("%s== %s ==\n", &contents == &all.front() ? "" : "\n", contents["path"].get<std::string>().c_str());
    std::printf("%s", contents_text(contents).c_str());
  }
}

}  // namespace

int cmd_info(const CommandContext& context) {
  bool as_json = false;
  CommandLine line("info", "FILE|FOLDER ... [--json]",
                   "Tells what scenes, layers and checkpoints hold, how far fits are (the folder that `retime train` "
                   "wrote), and what there is of a whole run (that of `retime run`).");
  line.table().add("files", "json", as_json, "a JSON list with one entry for each, for programs");
  const auto files = line.parse(context, CommandLine::kOneOrMore);
  if (files) run_on_root(context.communicator, [&] { print_contents(*files, as_json); });
  return kExitOk;
}

}  // namespace retime

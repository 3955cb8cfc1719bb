#include <algorithm>
#include <cstdio>
#include <numeric>

#include "catalog/result_page.hpp"
#include "catalog/selection.hpp"
#include "catalog/slurm_jobs.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "tools/command_line.hpp"
#include "tools/computing_program.hpp"
#include "tools/run_options.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using namespace catalog;

constexpr const char* kVerbs =
    "  submit   sends the videos that are not done as a Slurm job array\n"
    "  run      works on this machine; done videos are skipped, interrupted ones go on\n"
    "  status   a table of all videos\n"
    "  retry    runs videos that failed once more\n"
    "  page     writes OUT/index.html\n";

struct CatalogSettings {
  std::string output, script, only;
  int jobs = 1, entry = -1, max_running = 4;
  double stall_minutes = 120;
  bool json = false;

  void validate() const {
    if (jobs < 1 || jobs > 256) throw UsageError("jobs must be from 1 to 256: see --help");
    if (max_running < 1) throw UsageError("max-running must be at least 1: see --help");
    if (stall_minutes < 0) throw UsageError("stall-minutes must not be negative: see --help");
  }
};

// What an entry may set: not what the catalog decides itself.
std::vector<std::string> entry_options() {
  auto names = run_option_names();
  std::erase_if(names, [](const auto& name) { return name == "output" || name == "resume"; });
  return names;
}

Catalog load(const std::string& list) { return read_catalog(list, entry_options()); }

// Mistakes in the list are told before anything is started.
void check_options(const Catalog& catalog, const std::vector<int>& entries) {
  for (const int i : entries) {
    const auto& entry = catalog.entries[static_cast<std::size_t>(i)];
    std::vector<std::string> arguments;
    for (const auto& [name, value] : entry.options) arguments.push_back("--" + name + "=" + value);
    try {
      check_run_options(arguments);
    } catch (const UsageError& error) {
      const std::string what = error.what(), prefix = "command line: ";
      throw UsageError(catalog.file.filename().string() + " line " + std::to_string(entry.line) + ": " +
                       (what.starts_with(prefix) ? what.substr(prefix.size()) : what));
    }
  }
}

// That of --entry, or all.
std::vector<int> chosen_entries(const Catalog& catalog, const CatalogSettings& settings) {
  const int count = static_cast<int>(catalog.entries.size());
  if (settings.entry >= count)
    throw UsageError("no entry " + std::to_string(settings.entry) + " (the list has 0 to " + std::to_string(count - 1) +
                     "): see --help");
  if (settings.entry >= 0) return {settings.entry};
  std::vector<int> entries(catalog.entries.size());
  std::iota(entries.begin(), entries.end(), 0);
  return entries;
}

enum class Failed { kSkip, kTake };

int work_on(const Catalog& catalog, const CatalogSettings& settings, const std::vector<int>& entries, Failed failed) {
  check_options(catalog, entries);
  RunnerOptions options;
  options.worker.program = program_path();
  options.worker.stall_s = settings.stall_minutes * 60;
  options.jobs = settings.jobs;
  options.gpus = gpus_for(settings.jobs, options.worker.program);
  options.with_failed = failed == Failed::kTake;
  return run_entries(catalog, settings.output, entries, options, settings.entry >= 0 ? AskSlurm::kNo : AskSlurm::kYes);
}

int run_list(const Catalog& catalog, const CatalogSettings& settings, const std::vector<std::string>&) {
  return work_on(catalog, settings, chosen_entries(catalog, settings),
                 settings.entry < 0 ? Failed::kSkip : Failed::kTake);
}

int retry_list(const Catalog& catalog, const CatalogSettings& settings, const std::vector<std::string>&) {
  std::vector<int> entries;
  for (const auto& name : split_commas(settings.only)) entries.push_back(catalog.find(name).index);
  if (settings.only.empty()) entries = failed_entries(catalog, settings.output);
  if (entries.empty()) {
    log_info("no video has failed: nothing to retry");
    return kExitOk;
  }
  return work_on(catalog, settings, entries, Failed::kTake);
}

int show_status(const Catalog& catalog, const CatalogSettings& settings, const std::vector<std::string>&) {
  const auto videos = lines_of(look_at(catalog, settings.output, AskSlurm::kYes), chosen_entries(catalog, settings));
  if (settings.json)
    std::printf("%s", status_json(videos).c_str());
  else
    std::printf("%s\n%s\n", status_table(videos).c_str(), status_counts(videos).c_str());
  const int code = status_exit_code(videos);
  return code == kExitSaved ? kExitUnfinished : code;
}

int write_page(const Catalog& catalog, const CatalogSettings& settings, const std::vector<std::string>&) {
  const auto page = write_result_page(catalog, settings.output, look_at(catalog, settings.output, AskSlurm::kYes));
  log_info("written: " + page.string());
  return kExitOk;
}

fs::path batch_script(const std::string& named) {
  if (!named.empty()) {
    if (!fs::is_regular_file(named)) throw Error("cannot read the script " + named + " (no such file): check the path");
    return fs::absolute(named);
  }
  for (const char* place : {"../share/retime/jobs/slurm", "../../../jobs/slurm"})  // installed, build/PRESET/bin
    if (const auto script = program_path().parent_path() / place / "catalog.sbatch"; fs::is_regular_file(script))
      return script.lexically_normal();
  throw Error("no jobs/slurm/catalog.sbatch beside the program (it was moved): name the script with --script");
}

int submit_list(const Catalog& catalog, const CatalogSettings& settings, const std::vector<std::string>& extra) {
  const auto entries = entries_to_submit(catalog, settings.output);
  if (entries.empty()) {
    log_info("all videos are done, running or queued: nothing to submit");
    return kExitOk;
  }
  check_options(catalog, entries);
  const SubmitOptions options{batch_script(settings.script), settings.max_running, extra};
  const auto job = submit_job(catalog, settings.output, entries, options);
  log_info(std::to_string(entries.size()) + " of " + std::to_string(catalog.entries.size()) +
           " videos submitted as job " + job + ", at most " + std::to_string(settings.max_running) + " at a time");
  std::printf("%s\n", job.c_str());
  return kExitOk;
}

struct Verb {
  const char* name;
  const char* usage;
  const char* summary;
  int (*run)(const Catalog&, const CatalogSettings&, const std::vector<std::string>&);
};

constexpr Verb kCatalogVerbs[] = {
    {"submit", "LIST -o OUT [--max-running K] [--script FILE] [-- options of sbatch]",
     "Sends a job array with a task for each video that is not done. Prints the job's number.", submit_list},
    {"run", "LIST -o OUT [--jobs J] [--entry I]",
     "Works on the videos of the list on this machine. Exit codes: 0 all are done, 1 some failed, 3 others work on the "
     "rest, 75 stopped and saved: run it again.",
     run_list},
    {"status", "LIST -o OUT [--json] [--entry I]",
     "Shows where the videos stand. Exit codes: 0 all are done, 1 some failed and nothing else is left, 3 some are "
     "still to be done.",
     show_status},
    {"retry", "LIST -o OUT [--only NAME,...] [--jobs J]", "Runs the videos that failed again, or those that are named.",
     retry_list},
    {"page", "LIST -o OUT", "Writes OUT/index.html: thumbnails, numbers, videos, what failed.", write_page},
};

void add_options(OptionTable& table, const std::string& verb, CatalogSettings& settings) {
  const std::string section = "catalog";
  table.add(section, "output", settings.output, "folder of the catalog: a folder for each video, index.html");
  table.add_short('o', "output");
  if (verb == "run" || verb == "retry") {
    table.add(section, "jobs", settings.jobs, "videos at a time; they share the cores and the GPUs");
    table.add(section, "stall-minutes", settings.stall_minutes,
              "a video that writes nothing for so many minutes is ended and counts as failed; 0: never");
  }
  if (verb == "retry")
    table.add(section, "only", settings.only, "names of the videos, with commas between them; empty: all that failed");
  if (verb == "run")
    table.add(section, "entry", settings.entry, "only this video, counted from 0, even if it failed before; -1: all");
  if (verb == "submit") {
    table.add(section, "max-running", settings.max_running, "tasks of the job array that run at a time");
    table.add(section, "script", settings.script, "batch script of a task; empty: jobs/slurm/catalog.sbatch");
  }
  if (verb == "status") {
    table.add(section, "json", settings.json, "JSON instead of a table");
    table.add(section, "entry", settings.entry, "only this video, counted from 0; -1: all");
  }
}

// Options of sbatch stand behind "--".
std::vector<std::string> split_extra(std::vector<std::string>& arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  if (dashes == arguments.end()) return {};
  std::vector<std::string> extra(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
  return extra;
}

void refuse_config(const std::vector<std::string>& arguments) {
  for (const auto& argument : arguments)
    if (argument.starts_with("-c") || argument.starts_with("--config"))
      throw UsageError("a catalog has no configuration: name each video's in the column 'config' of the list");
}

int run_verb(const Verb& verb, CommandContext context) {
  CatalogSettings settings;
  auto extra = split_extra(context.arguments);
  refuse_config(context.arguments);
  CommandLine line(std::string("catalog ") + verb.name, verb.usage, verb.summary);
  add_options(line.table(), verb.name, settings);
  const auto files = line.parse(context, 1);
  if (!files) return kExitOk;
  require_option(std::string("catalog ") + verb.name, "output", settings.output);
  settings.validate();
  const bool submits = std::string(verb.name) == "submit";
  if (!submits && !extra.empty()) throw UsageError("only `retime catalog submit` takes options behind --: see --help");
  const auto catalog = load(files->at(0));
  return verb.run(catalog, settings, extra);
}

}  // namespace

int cmd_catalog(const CommandContext& context) {
  const std::string name = context.arguments.empty() ? "" : context.arguments[0];
  if (name.empty() || name == "--help" || name == "-h") {
    std::printf(
        "retime catalog VERB LIST -o OUT ...\n\nMany videos: a list (CSV or JSON lines) with options for each.\n\n%s",
        kVerbs);
    return name.empty() ? kExitUsage : kExitOk;
  }
  std::vector<std::string> known;
  CommandContext behind_verb = context;
  behind_verb.arguments.erase(behind_verb.arguments.begin());
  for (const auto& verb : kCatalogVerbs) {
    if (name == verb.name) return run_verb(verb, behind_verb);
    known.emplace_back(verb.name);
  }
  throw UsageError("retime catalog knows no '" + name + "'" + suggestion(name, known) + ": see retime catalog --help");
}

}  // namespace retime

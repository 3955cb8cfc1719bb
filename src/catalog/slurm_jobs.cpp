#include "catalog/slurm_jobs.hpp"

#include <spdlog/fmt/fmt.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "catalog/video_status.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace fs = std::filesystem;
using nlohmann::json;

namespace retime::catalog {
namespace {

fs::path notes_file(const fs::path& folder) { return folder / "catalog.json"; }

// {"jobs": [{"job": "12", "submitted": "2026-...", "videos": {"0": "room", ...}}, ...]}
json read_notes(const fs::path& folder) {
  std::ifstream in(notes_file(folder));
  const json notes = in ? json::parse(in, nullptr, false) : json();
  return notes.is_object() && notes.contains("jobs") && notes["jobs"].is_array() ? notes
                                                                                 : json{{"jobs", json::array()}};
}

void note_job(const fs::path& folder, const std::string& job, const Catalog& catalog, const std::vector<int>& entries) {
  json notes = read_notes(folder), videos = json::object();
  for (const int i : entries) videos[std::to_string(i)] = catalog.entries[static_cast<std::size_t>(i)].name;
  notes["list"] = catalog.file.string();
  notes["jobs"].push_back({{"job", job}, {"submitted", utc_text(now_s())}, {"videos", videos}});
  write_text_file(notes_file(folder), notes.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

// "123;cluster" -> "123".
std::string job_number(const std::string& output) {
  const auto end = output.find_first_not_of("0123456789");
  return output.substr(0, end);
}

std::vector<std::string> submit_command(const fs::path& folder, const std::vector<int>& entries,
                                        const SubmitOptions& options) {
  const std::string array = "--array=" + array_text(entries, options.max_running);
  const fs::path site = options.script.parent_path() / "submit.sh";
  if (fs::exists(site) && options.script.extension() == ".sbatch") {
    std::vector<std::string> command{site.string(), options.script.stem().string(), folder.string(), array};
    command.insert(command.end(), options.extra.begin(), options.extra.end());
    return command;
  }
  std::vector<std::string> command{"sbatch", "--parsable", "--export=ALL", array};
  command.insert(command.end(), options.extra.begin(), options.extra.end());
  command.push_back(options.script.string());
  return command;
}

// The video that a task "12_3" works on; empty when it is none of ours.
std::string video_of(const std::string& task, const json& jobs) {
  const auto underscore = task.find('_');
  if (underscore == std::string::npos) return "";
  for (const auto& job : jobs)
    if (job.value("job", "") == task.substr(0, underscore))
      return job.value("videos", json::object()).value(task.substr(underscore + 1), "");
  return "";
}

std::string reason_text(const std::string& reason) {
  return reason.empty() || reason == "None" ? "" : " (" + reason + ")";
}

// The answer of squeue: lines "12_3 PENDING Priority".
std::string ask_squeue(const json& jobs) {
  std::string numbers;
  for (const auto& job : jobs) numbers += (numbers.empty() ? "" : ",") + job.value("job", "");
  try {
    return run_captured({"squeue", "--noheader", "--array", "--jobs=" + numbers, "--format=%i %T %r"}, {},
                        ErrorStream::kDropped)
        .output;
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

std::string array_text(const std::vector<int>& entries, int max_running) {
  std::string text;
  for (std::size_t first = 0, last = 0; first < entries.size(); first = ++last) {
    while (last + 1 < entries.size() && entries[last + 1] == entries[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", entries[first]);
    if (last > first) text += fmt::format("-{}", entries[last]);
  }
  return fmt::format("{}%{}", text, max_running);
}

std::string submit_job(const Catalog& catalog, const fs::path& folder, const std::vector<int>& entries,
                       const SubmitOptions& options) {
  make_folder(folder);
  const fs::path output = fs::absolute(folder).lexically_normal();
  // The list and the folder travel in the environment: an option's value could not hold a comma.
  const auto run =
      run_captured(submit_command(output, entries, options), {{"RETIME_CATALOG", catalog.file.string()},
                                                              {"RETIME_CATALOG_OUT", output.string()},
                                                              {"RETIME_JOBS", options.script.parent_path().string()}});
  const auto job = job_number(run.output);
  if (run.exit_code != 0 || job.empty())
    throw Error(
        fmt::format("sbatch refused the job (exit code {}; its own words stand above): correct the options behind --, "
                    "or the script "
                    "{}",
                    run.exit_code, options.script.string()));
  note_job(folder, job, catalog, entries);
  return job;
}

std::map<std::string, std::string> queued_videos(const fs::path& folder) {
  std::map<std::string, std::string> queued;
  const json jobs = read_notes(folder)["jobs"];
  if (jobs.empty()) return queued;
  std::istringstream lines(ask_squeue(jobs));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string task, state, reason;
    words >> task >> state >> std::ws;
    std::getline(words, reason);
    if (const auto name = video_of(task, jobs); !name.empty())
      queued[name] = "job " + task + " " + state + reason_text(reason);
  }
  return queued;
}

}  // namespace retime::catalog

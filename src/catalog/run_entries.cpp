#include "catalog/run_entries.hpp"

#include <cstdlib>
#include <sstream>

#include "catalog/result_page.hpp"
#include "catalog/selection.hpp"
#include "catalog/worker.hpp"
#include "core/child_process.hpp"
#include "core/error.hpp"
#include "core/log.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {

std::vector<std::string> split_commas(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  return words;
}

std::vector<std::string> gpus_for(int jobs, const fs::path& program) {
  if (jobs == 1) return {};
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) return split_commas(visible);
  const auto answer = run_captured({program.string(), "gpus"}, without_launcher());
  if (answer.exit_code != 0)
    throw Error("`" + program.string() + " gpus` ended with " + std::to_string(answer.exit_code) +
                ", so that jobs cannot share GPUs: see its message above, or set CUDA_VISIBLE_DEVICES");
  std::vector<std::string> gpus;
  for (int i = 0; i < std::atoi(answer.output.c_str()); ++i) gpus.push_back(std::to_string(i));
  return gpus;
}

int run_entries(const Catalog& catalog, const fs::path& folder, const std::vector<int>& entries,
                const RunnerOptions& options, AskSlurm ask) {
  const bool came_to_end = Runner(catalog, folder, options).run(entries);
  const auto videos = look_at(catalog, folder, ask);
  const auto page = write_result_page(catalog, folder, videos);
  const auto chosen = lines_of(videos, entries);
  log_info(status_counts(chosen) + ": see " + page.string());
  const int code = status_exit_code(chosen);
  if (code == kExitFailure)
    log_info("`retime catalog status` tells why videos failed; `retime catalog retry` runs them again");
  return !came_to_end && code == kExitUnfinished ? static_cast<int>(kExitSaved) : code;
}

}  // namespace retime::catalog

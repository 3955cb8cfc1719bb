#include "bench/launch.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "core/child_process.hpp"
#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void prepare_environment() {
  const auto set = [](const char* name, const char* value) { ::setenv(name, value, /*overwrite=*/0); };
  set("OMPI_MCA_rmaps_base_oversubscribe", "1");
  set("OMPI_MCA_hwloc_base_binding_policy", "none");
  set("OMPI_MCA_mpi_yield_when_idle", "1");
  set("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe");  // from Open MPI 5 on
  set("PRTE_MCA_hwloc_default_binding_policy", "none");
  if (::geteuid() != 0) return;
  for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"}) set(name, "1");
}

}  // namespace

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> launch_command(const std::string& launcher, int ranks, const std::string& program,
                                        const std::vector<std::string>& arguments) {
  auto words = split_words(launcher);
  if (words.empty()) throw UsageError("no launcher was named: use --launcher mpirun");
  words.insert(words.end(), {"-n", std::to_string(ranks), program});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

void launch_ranks(const std::string& launcher, int ranks, const std::vector<std::string>& arguments) {
  auto words = launch_command(launcher, ranks, fs::read_symlink("/proc/self/exe").string(), arguments);
  prepare_environment();
  // Ended with this process, so that no ranks stay behind when a benchmark is cancelled.
  std::optional<ChildProcess> run;
  try {
    run.emplace(ChildCommand{words, {}, {}});
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + "; or name another with --launcher");
  }
  if (const int code = run->wait(); code != 0)
    throw Error(fmt::format("a run with {} ranks failed ({} ended with {}): see its messages above", ranks,
                            joined(words), code));
}

}  // namespace retime

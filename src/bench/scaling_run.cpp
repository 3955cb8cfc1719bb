#include "bench/scaling_run.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <concepts>
#include <tuple>

#include "bench/table.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

auto sort_key(const ScalingRun& run) { return std::tie(run.setup, run.ranks, run.started); }

}  // namespace

std::string cell_text(ScalingMode mode) { return word_of(kScalingModes, mode); }

bool from_cell(const std::string& text, ScalingMode& mode) {
  for (const auto& [word, value] : kScalingModes)
    if (word == text) {
      mode = value;
      return true;
    }
  return false;
}

template <class Run, class Visit>
requires std::same_as<std::remove_const_t<Run>, ScalingRun>
void visit_columns(Run& run, const Visit& visit) {
  visit("mode", run.setup.mode);
  visit("ranks", run.ranks);
  visit("nodes", run.nodes);
  visit("batch_frames", run.setup.batch);
  visit("device", run.setup.device);
  visit("gpu", run.gpu);
  visit("cores", run.cores);
  visit("threads", run.setup.threads);
  visit("oversubscribed", run.oversubscribed);
  visit("width", run.setup.width);
  visit("image_width", run.setup.image_width);
  visit("image_height", run.setup.image_height);
  visit("objects", run.setup.objects);
  visit("bf16", run.setup.bf16);
  visit("scene", run.setup.scene);
  visit("gradient_bytes", run.step.gradient_bytes);
  visit("buckets", run.buckets);
  visit("steps", run.step.steps);
  visit("step_s", run.step.step_s);
  visit("step_min_s", run.step.min_s);
  visit("step_max_s", run.step.max_s);
  for (std::size_t i = 0; i < kStepParts; ++i) visit(std::string(kStepPartNames[i]) + "_s", run.step.part_s[i]);
  visit("started", run.started);
}

CsvTable runs_to_csv(const std::vector<ScalingRun>& runs) { return rows_to_csv(runs); }

std::vector<ScalingRun> runs_from_csv(const CsvTable& table, const std::string& origin) {
  return rows_from_csv<ScalingRun>(table, origin);
}

void ScalingFolder::add(const std::vector<ScalingRun>& runs) const {
  std::string stem = fmt::format("{}_{}ranks", runs.front().started, runs.front().ranks);
  std::erase(stem, ':');
  add_csv_file(path_ / "runs", stem, runs_to_csv(runs));
}

std::vector<fs::path> ScalingFolder::files() const { return csv_files(path_ / "runs"); }

std::vector<ScalingRun> ScalingFolder::read() const {
  std::vector<ScalingRun> runs;
  for (const auto& file : files()) {
    auto of_file = runs_from_csv(read_csv_table(file), file.string());
    std::move(of_file.begin(), of_file.end(), std::back_inserter(runs));
  }
  if (runs.empty())
    throw Error("no measurements in " + path_.string() + " (runs/*.csv): run `mpirun -n N retime bench scaling -o " +
                path_.string() + "` first");
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return sort_key(a) < sort_key(b); });
  return runs;
}

}  // namespace retime

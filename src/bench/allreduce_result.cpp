#include "bench/allreduce_result.hpp"

#include <concepts>
#include <cstdio>

#include "bench/columns.hpp"

namespace retime {

template <class Result, class Visit>
requires std::same_as<std::remove_const_t<Result>, AllreduceResult>
void visit_columns(Result& result, const Visit& visit) {
  visit("kind", result.kind);
  visit("ranks", result.ranks);
  visit("nodes", result.nodes);
  visit("device", result.device);
  visit("bytes", result.bytes);
  visit("time_s", result.time_s);
  visit("min_s", result.min_s);
  visit("max_s", result.max_s);
  visit("wrong", result.wrong);
}

double AllreduceResult::algorithm_bandwidth() const { return static_cast<double>(bytes) / time_s / 1e9; }

double AllreduceResult::bus_bandwidth() const { return algorithm_bandwidth() * 2 * (ranks - 1) / ranks; }

std::vector<std::int64_t> sweep_sizes(std::int64_t first, std::int64_t last, int factor) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = first; size <= last; size *= factor) sizes.push_back(size);
  return sizes;
}

std::string allreduce_header() {
  return "#       size         count      type   redop    root     time   algbw   busbw #wrong     min-max time\n"
         "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)                    (us)\n";
}

std::string allreduce_line(const AllreduceResult& result) {
  char line[160];
  std::snprintf(line, sizeof line, "%12lld  %12lld  %8s  %6s  %6s  %7.2f  %6.3f  %6.3f  %5lld  %9.2f-%.2f  %s\n",
                static_cast<long long>(result.bytes), static_cast<long long>(result.count()), "float", "sum", "-1",
                1e6 * result.time_s, result.algorithm_bandwidth(), result.bus_bandwidth(),
                static_cast<long long>(result.wrong), 1e6 * result.min_s, 1e6 * result.max_s,
                result.kind == "bucket" ? "bucket" : "");
  std::string text = line;
  text.erase(text.find_last_not_of(" \n") + 1);
  return text + "\n";
}

std::string allreduce_footer(const std::vector<AllreduceResult>& results) {
  std::int64_t wrong = 0;
  double bandwidth = 0;
  for (const auto& result : results) {
    wrong += result.wrong;
    bandwidth += result.bus_bandwidth() / static_cast<double>(results.size());
  }
  char text[120];
  std::snprintf(text, sizeof text, "# Out of bounds values : %lld %s\n# Avg bus bandwidth    : %.4f\n",
                static_cast<long long>(wrong), wrong == 0 ? "OK" : "FAILED", bandwidth);
  return text;
}

void add_allreduce(const std::filesystem::path& folder, const std::vector<AllreduceResult>& results) {
  std::string stem = utc_now() + "_" + std::to_string(results.front().ranks) + "ranks";
  std::erase(stem, ':');
  add_csv_file(folder / "allreduce", stem, rows_to_csv(results));
}

std::vector<AllreduceResult> read_allreduce(const std::filesystem::path& folder) {
  std::vector<AllreduceResult> results;
  for (const auto& file : csv_files(folder / "allreduce")) {
    auto of_file = rows_from_csv<AllreduceResult>(read_csv(file), file.string());
    std::move(of_file.begin(), of_file.end(), std::back_inserter(results));
  }
  return results;
}

}  // namespace retime

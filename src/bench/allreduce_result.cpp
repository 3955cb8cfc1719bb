#include "bench/allreduce_result.hpp"

#include <spdlog/fmt/fmt.h>

#include <concepts>
#include <cstdio>

#include "bench/table.hpp"
#include "core/text.hpp"

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
  std::string text = fmt::format(
      "{:12}  {:12}  {:>8}  {:>6}  {:>6}  {:7.2f}  {:6.3f}  {:6.3f}  {:5}  {:9.2f}-{:.2f}  {}\n", result.bytes,
      result.count(), "float", "sum", "-1", 1e6 * result.time_s, result.algorithm_bandwidth(), result.bus_bandwidth(),
      result.wrong, 1e6 * result.min_s, 1e6 * result.max_s, result.kind == "bucket" ? "bucket" : "");
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
  return fmt::format("# Out of bounds values : {} {}\n# Avg bus bandwidth    : {:.4f}\n", wrong,
                     wrong == 0 ? "OK" : "FAILED", bandwidth);
}

void add_allreduce(const std::filesystem::path& folder, const std::vector<AllreduceResult>& results) {
  std::string stem = fmt::format("{}_{}ranks", utc_text(now_s()), results.front().ranks);
  std::erase(stem, ':');
  add_csv_file(folder / "allreduce", stem, rows_to_csv(results));
}

std::vector<AllreduceResult> read_allreduce(const std::filesystem::path& folder) {
  std::vector<AllreduceResult> results;
  for (const auto& file : csv_files(folder / "allreduce")) {
    auto of_file = rows_from_csv<AllreduceResult>(read_csv_table(file), file.string());
    std::move(of_file.begin(), of_file.end(), std::back_inserter(results));
  }
  return results;
}

}  // namespace retime

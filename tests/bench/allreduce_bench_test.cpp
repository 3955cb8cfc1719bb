#include "bench/allreduce_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_folder.hpp"

namespace retime::test {
namespace {

using ::testing::HasSubstr;

AllreduceResult sample() {
  AllreduceResult result;
  result.ranks = 4;
  result.device = "Processor";
  result.bytes = 1 << 20;
  result.time_s = 1e-3;
  result.min_s = 0.9e-3;
  result.max_s = 1.2e-3;
  return result;
}

TEST(Allreduce, BandwidthsAreThoseOfNcclTests) {
  EXPECT_NEAR(sample().algorithm_bandwidth(), 1.048576, 1e-9);
  EXPECT_NEAR(sample().bus_bandwidth(), 1.5 * 1.048576, 1e-9);
  EXPECT_EQ(sample().count(), 262144);
}

TEST(Allreduce, LinesStandUnderTheirHeader) {
  const auto line = allreduce_line(sample());
  EXPECT_THAT(line, HasSubstr("1048576        262144     float     sum      -1  1000.00   1.049   1.573      0"));
  const auto header = allreduce_header();
  for (const char* pair : {"size", "count", "type", "redop", "root", "time", "algbw", "busbw", "#wrong"})
    EXPECT_THAT(header, HasSubstr(pair));
  EXPECT_EQ(header.find("busbw") + 5, line.find("1.573") + 5) << "right edges of the columns";
}

TEST(Allreduce, FooterCountsWrongValues) {
  auto wrong = sample();
  wrong.wrong = 3;
  EXPECT_THAT(allreduce_footer({sample()}), HasSubstr("Out of bounds values : 0 OK"));
  EXPECT_THAT(allreduce_footer({sample(), wrong}), HasSubstr("Out of bounds values : 3 FAILED"));
}

TEST(Allreduce, SweepMultiplies) {
  EXPECT_EQ(sweep_sizes(4, 70, 4), (std::vector<std::int64_t>{4, 16, 64}));
  EXPECT_TRUE(sweep_sizes(8, 4, 2).empty());
}

TEST(Allreduce, ResultsAreKept) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_allreduce(folder.path()).empty());
  add_allreduce(folder.path(), {sample(), sample()});
  add_allreduce(folder.path(), {sample()});
  const auto results = read_allreduce(folder.path());
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].time_s, 1e-3);
  EXPECT_EQ(results[0].device, "Processor");
}

}  // namespace
}  // namespace retime::test

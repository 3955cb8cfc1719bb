#include "bench/scaling_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/error.hpp"

namespace retime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Launch, LauncherComesFirst) {
  EXPECT_THAT(launch_command("mpirun", 4, "/bin/retime", {"bench", "scaling"}),
              ElementsAre("mpirun", "-n", "4", "/bin/retime", "bench", "scaling"));
  EXPECT_THAT(launch_command("srun --mpi=pmix", 2, "r", {}), ElementsAre("srun", "--mpi=pmix", "-n", "2", "r"));
  EXPECT_THROW(launch_command(" ", 2, "r", {}), UsageError);
}

TEST(Launch, FailuresAreTold) {
  EXPECT_THROW(launch_ranks("/nonexistent/mpirun", 1, {}), Error);
  try {
    launch_ranks("false", 3, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("3 ranks failed"));
  }
  EXPECT_NO_THROW(launch_ranks("true", 3, {}));
}

bool is_refused(const std::function<void(ScalingOptions&)>& change) {
  ScalingOptions options;
  change(options);
  try {
    options.validate();
  } catch (const UsageError&) {
    return true;
  }
  return false;
}

TEST(ScalingOptions, RefuseNonsense) {
  EXPECT_FALSE(is_refused([](auto&) {})) << "the defaults make sense";
  EXPECT_TRUE(is_refused([](auto& o) { o.report = o.project = true; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.launch = {1, 2.5}; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.launch = {0}; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.gpus = {-4}; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.bench.counts.timed = 0; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.bench.size.width = 8; }));
  EXPECT_TRUE(is_refused([](auto& o) { o.frames_per_rank = 0; }));
  EXPECT_FALSE(is_refused([](auto& o) { o.launch = {1, 2, 4}; }));
}

}  // namespace

}  // namespace retime

#include "bench/scaling_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"

namespace retime::test {
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

}  // namespace
}  // namespace retime::test

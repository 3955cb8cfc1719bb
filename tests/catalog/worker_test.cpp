#include "catalog/worker.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace retime::catalog {
namespace {

TEST(Worker, HidesTheLauncherFromItsProgramAndNothingElse) {
  ::setenv("OMPI_COMM_WORLD_RANK", "0", 1);
  ::setenv("PMIX_NAMESPACE", "job", 1);
  ::setenv("RETIME_WORKER_TEST", "stays", 1);
  const auto environment = without_launcher();
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_NAMESPACE", "RETIME_WORKER_TEST"}) ::unsetenv(name);
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_NAMESPACE"}) {
    ASSERT_TRUE(environment.contains(name));
    EXPECT_FALSE(environment.at(name).has_value()) << "it is unset";
  }
  EXPECT_FALSE(environment.contains("RETIME_WORKER_TEST"));
}

}  // namespace
}  // namespace retime::catalog

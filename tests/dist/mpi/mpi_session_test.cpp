#include "dist/mpi/mpi_session.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "dist/mpi/mpi_support.hpp"
#include "dist/mpi/mpi_transport.hpp"

namespace retime {
namespace {

void forget_launcher() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK", "SLURM_STEP_ID"})
    unsetenv(name);
}

TEST(MpiSession, RefusesSlurmTasksThatMpiDoesNotSee) {
  forget_launcher();
  setenv("SLURM_STEP_ID", "0", 1);
  setenv("SLURM_STEP_NUM_TASKS", "2", 1);
  EXPECT_THROW(MpiSession(), Error);
  forget_launcher();
  EXPECT_NO_THROW(MpiSession());
  unsetenv("SLURM_STEP_NUM_TASKS");
}

TEST(MpiSession, DoesNotStartMpiWithoutALauncher) {
  forget_launcher();
  const MpiSession session;
  EXPECT_EQ(session.world().size(), 1);
  EXPECT_FALSE(mpi_is_running());
  EXPECT_EQ(mpi_comm(session.world()).get(), MPI_COMM_NULL);
}

TEST(MpiSession, AbortWithoutMpiExitsWithTheCode) { EXPECT_EXIT(abort_job(3), testing::ExitedWithCode(3), ""); }

}  // namespace
}  // namespace retime

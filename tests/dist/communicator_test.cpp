#include "dist/communicator.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "core/error.hpp"
#include "dist/mpi_session.hpp"
#include "dist/mpi_support.hpp"

namespace retime {
namespace {

TEST(Communicator, IsRankZeroOfOneWithoutMpi) {
  const Communicator alone;
  EXPECT_EQ(alone.rank(), 0);
  EXPECT_EQ(alone.size(), 1);
  EXPECT_EQ(alone.local_rank(), 0);
  EXPECT_EQ(alone.local_size(), 1);
  EXPECT_FALSE(alone.host().empty());
  EXPECT_EQ(alone.mpi().get(), MPI_COMM_NULL);
}

TEST(Communicator, CollectivesOfOneRankReturnWhatTheyGet) {
  const Communicator alone;
  std::array<double, 2> values{1.5, -2};
  alone.all_reduce(std::span<double>(values), Reduction::kSum);
  alone.broadcast(std::span<double>(values));
  alone.barrier();
  EXPECT_EQ(values, (std::array<double, 2>{1.5, -2}));
  EXPECT_EQ(alone.all_gather(7L), std::vector<long>{7});
  EXPECT_EQ(alone.broadcast("text"), "text");
  EXPECT_EQ(alone.gather("text"), std::vector<std::string>{"text"});
  EXPECT_EQ(alone.all_gather("text"), std::vector<std::string>{"text"});
}

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
}

TEST(MpiSession, AbortWithoutMpiExitsWithTheCode) { EXPECT_EXIT(abort_job(3), testing::ExitedWithCode(3), ""); }

}  // namespace
}  // namespace retime

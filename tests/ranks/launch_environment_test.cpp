#include "ranks/launch_environment.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/error.hpp"

namespace retime {
namespace {

LaunchEnvironment read(const std::map<std::string, std::string>& variables) {
  return read_launch_environment([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(LaunchEnvironment, PlainProcessHasNoLauncher) {
  const auto launch = read({});
  EXPECT_FALSE(launch.has_launcher);
  EXPECT_EQ(launch.expected_size, 0);
  EXPECT_NO_THROW(check_world_size(launch, 1));
}

TEST(LaunchEnvironment, MpirunTellsTheSize) {
  const auto launch = read({{"OMPI_COMM_WORLD_SIZE", "4"}});
  EXPECT_TRUE(launch.has_launcher);
  EXPECT_EQ(launch.expected_size, 4);
  EXPECT_NO_THROW(check_world_size(launch, 4));
}

TEST(LaunchEnvironment, SrunWithPmixTakesTheSizeOfTheStep) {
  const auto launch = read({{"PMIX_RANK", "0"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "8"}});
  EXPECT_TRUE(launch.has_launcher);
  EXPECT_EQ(launch.expected_size, 8);
}

TEST(LaunchEnvironment, RankIsTheLaunchersOwn) {
  EXPECT_EQ(read({}).rank, 0);
  EXPECT_EQ(read({{"OMPI_COMM_WORLD_RANK", "0"}, {"SLURM_PROCID", "1"}}).rank, 0);
  EXPECT_EQ(read({{"SLURM_PROCID", "3"}}).rank, 3);
}

TEST(LaunchEnvironment, ShellOfAnAllocationIsOneProcess) {
  const auto launch = read({{"SLURM_JOB_ID", "17"}, {"SLURM_NTASKS", "8"}, {"SLURM_STEP_NUM_TASKS", "8"}});
  EXPECT_FALSE(launch.has_launcher);
  EXPECT_NO_THROW(check_world_size(launch, 1));
}

TEST(LaunchEnvironment, SizeOfMpirunGoesBeforeTheStepOfItsDaemons) {
  const auto launch = read({{"OMPI_COMM_WORLD_SIZE", "1"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "3"}});
  EXPECT_EQ(launch.expected_size, 1);
  EXPECT_NO_THROW(check_world_size(launch, 1));
}

TEST(LaunchEnvironment, SrunWithoutMpiPluginIsRefusedWithAHint) {
  const auto launch = read({{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "4"}});
  EXPECT_FALSE(launch.has_launcher);
  try {
    check_world_size(launch, 1);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("SLURM_STEP_NUM_TASKS=4"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("srun --mpi=pmix"), std::string::npos) << error.what();
  }
}

TEST(LaunchEnvironment, LauncherOfAnotherMpiIsRefused) {
  const auto launch = read({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}});
  EXPECT_TRUE(launch.has_launcher);
  EXPECT_THROW(check_world_size(launch, 1), Error);
}

TEST(LaunchEnvironment, SeveralRanksAreThoseOfTheLauncherOrAnUnknownNumber) {
  EXPECT_FALSE(read({}).has_several_ranks());
  EXPECT_FALSE(read({{"OMPI_COMM_WORLD_SIZE", "1"}}).has_several_ranks());
  EXPECT_TRUE(read({{"OMPI_COMM_WORLD_SIZE", "2"}}).has_several_ranks());
  EXPECT_TRUE(read({{"PMIX_RANK", "0"}}).has_several_ranks());
  EXPECT_TRUE(read({{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "4"}}).has_several_ranks());
  EXPECT_FALSE(read({{"SLURM_STEP_NUM_TASKS", "4"}}).has_several_ranks());
}

}  // namespace
}  // namespace retime

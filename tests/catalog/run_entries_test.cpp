#include "catalog/run_entries.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

using Names = std::vector<std::string>;

/// A program that does `commands`.
fs::path script(const test::TemporaryFolder& folder, const std::string& commands) {
  const auto path = folder / "program";
  test::write_bytes(path, "#!/bin/sh\n" + commands + "\n");
  fs::permissions(path, fs::perms::owner_all);
  return path;
}

TEST(GpusFor, JobsShareThoseThatTheProgramSees) {
  const test::TemporaryFolder folder;
  unsetenv("CUDA_VISIBLE_DEVICES");
  setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
  const auto program = script(folder, "[ \"$1\" = gpus ] && [ -z \"$OMPI_COMM_WORLD_SIZE\" ] && echo 3");
  EXPECT_EQ(gpus_for(2, program), (Names{"0", "1", "2"}));
  unsetenv("OMPI_COMM_WORLD_SIZE");
  EXPECT_EQ(gpus_for(1, program), Names{});
  setenv("CUDA_VISIBLE_DEVICES", "4,GPU-7", 1);
  EXPECT_EQ(gpus_for(2, program), (Names{"4", "GPU-7"}));
  unsetenv("CUDA_VISIBLE_DEVICES");
  EXPECT_EQ(gpus_for(2, script(folder, "echo 0")), Names{});
  EXPECT_THROW(gpus_for(2, script(folder, "exit 2")), Error);
}

}  // namespace
}  // namespace retime::catalog

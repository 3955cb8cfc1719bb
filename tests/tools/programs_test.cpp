// `retime` finds the program that computes and hands everything on to it. A script that tells what it got stands in for
// that program, so that these tests need neither LibTorch nor MPI.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "core/temporary_folder.hpp"
#include "e2e/program.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Programs : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "bin");
    fs::copy_file(RETIME_PROGRAM, program());
  }

  fs::path program() const { return folder_ / "bin/retime"; }
  /// Puts a stand-in for the computing program into a folder; it does `commands`.
  void install(const std::string& place, const std::string& commands) const {
    fs::create_directories(folder_ / place);
    test::write_bytes(folder_ / place / "retime-compute", "#!/bin/sh\n" + commands + "\n");
    fs::permissions(folder_ / place / "retime-compute", fs::perms::owner_all);
  }
  ProgramResult run(const std::string& arguments, const std::string& environment = "") const {
    return run_shell("env -u RETIME_LIBEXEC -u GOMP_SPINCOUNT " + environment + " " + program().string() + " " +
                     arguments);
  }

  test::TemporaryFolder folder_;
};

TEST_F(Programs, OneWithoutTheOtherSaysWhatIsMissing) {
  const auto result = run("train scene.h5 -o fit");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("`retime train` needs the program retime-compute, which is not installed here"));
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1) << result.output;
  EXPECT_EQ(run("compose --help").exit_code, 0);
  EXPECT_EQ(run("--version").exit_code, 0);
}

TEST_F(Programs, LoadTheCodecsOfPicturesWhereTheyAreInstalled) {
  const auto codecs = fs::path(RETIME_PROGRAM).parent_path();
  fs::create_directories(folder_ / "clip");
  for (const std::string name : {"0.png", "1.png"}) test::write_bytes(folder_ / "clip" / name, "no picture");
  const std::string prepare = "prepare " + (folder_ / "clip").string() + " -o " + (folder_ / "scene.h5").string();
  const std::string tells = "libexec/retime/libretime_pictures.so: cannot open shared object file";
  EXPECT_THAT(run(prepare).output, HasSubstr(tells));
  EXPECT_THAT(run(prepare, "RETIME_LIBEXEC=" + codecs.string()).output, HasSubstr("not a PNG or JPEG"));
  fs::create_directories(folder_ / "libexec/retime");
  fs::copy(codecs / "libretime_pictures.so", folder_ / "libexec/retime");
  EXPECT_THAT(run(prepare).output, HasSubstr("not a PNG or JPEG"));
}

TEST_F(Programs, FindEachOtherInstalled) {
  install("libexec/retime", "echo installed");
  EXPECT_EQ(run("train").output, "installed\n");
}

TEST_F(Programs, FindEachOtherInOneFolder) {
  install("libexec/retime", "echo installed");
  install("bin", "echo beside");
  EXPECT_EQ(run("train").output, "beside\n");
}

TEST_F(Programs, FindEachOtherThroughTheEnvironment) {
  install("bin", "echo beside");
  install("elsewhere", "echo elsewhere");
  EXPECT_EQ(run("train", "RETIME_LIBEXEC=" + (folder_ / "elsewhere").string()).output, "elsewhere\n");
  EXPECT_EQ(run("train", "RETIME_LIBEXEC=" + (folder_ / "nowhere").string()).exit_code, 2);
}

TEST_F(Programs, FindEachOtherThroughALink) {
  install("libexec/retime", "echo installed");
  fs::create_directory(folder_ / "links");
  fs::create_symlink(program(), folder_ / "links/retime");
  EXPECT_EQ(run_shell("cd / && PATH=" + (folder_ / "links").string() + ":$PATH retime train").output, "installed\n");
}

TEST_F(Programs, ArgumentsInputExitCodeAndProcessStayTheSame) {
  install("bin", "echo \"$# $1 $2\"; cat; exit 7");
  const auto result = run_shell("echo words | " + program().string() + " train 'a b'");
  EXPECT_EQ(result.output, "2 train a b\nwords\n");
  EXPECT_EQ(result.exit_code, 7);
  install("bin", "echo $$; kill -TERM $$");
  const auto killed = run_shell("sh -c 'echo $$; exec " + program().string() + " train'");
  EXPECT_EQ(killed.exit_code, 128 + SIGTERM);
  const auto line_end = killed.output.find('\n');
  EXPECT_EQ(killed.output.substr(0, line_end), killed.output.substr(line_end + 1, line_end)) << "one process";
}

TEST_F(Programs, IdleThreadsSleepUnlessTheUserChoseOtherwise) {
  install("bin", "echo \"spins $GOMP_SPINCOUNT\"");
  EXPECT_EQ(run("train").output, "spins 2000\n");
  EXPECT_EQ(run("train", "GOMP_SPINCOUNT=7").output, "spins 7\n");
  EXPECT_EQ(run("train", "OMP_WAIT_POLICY=active").output, "spins \n");
}

TEST_F(Programs, RanksAreForTheComputingOne) {
  const std::string two = "OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=";
  EXPECT_THAT(run("compose layers.h5", two + "0").output, HasSubstr("`retime compose` needs the program"));
  EXPECT_THAT(run("compose layers.h5", two + "1").output, HasSubstr("[rank 1]")) << "each tells what it lacks";
  install("bin", "echo computing");
  EXPECT_EQ(run("compose layers.h5", two + "0").output, "computing\n");
  EXPECT_EQ(run("--version", two + "1").output, "computing\n");
  EXPECT_THAT(run("compose", "OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0").output, Not(HasSubstr("computing")));
  const auto catalog = run("catalog status list.csv -o out", two + "0");
  EXPECT_EQ(catalog.exit_code, 2);
  EXPECT_THAT(catalog.output, HasSubstr("a catalog is worked on by one process"));
}

TEST_F(Programs, HelpOfACommandHasTwoSpellings) {
  EXPECT_EQ(run("help compose").output, run("compose --help").output);
  EXPECT_EQ(run("help catalog run").output, run("catalog run --help").output);
  EXPECT_EQ(run("help").output, run("--help").output);
  EXPECT_EQ(run("help composed").exit_code, 2);
  install("bin", "echo \"$*\"");
  EXPECT_EQ(run("help train").output, "help train\n");
  EXPECT_THAT(run("--help").output, Not(HasSubstr("gpus")));
}

TEST(Program, NeedsNeitherLibTorchNorMpi) {
  const auto libraries = run_shell("ldd " RETIME_PROGRAM).output;
  EXPECT_THAT(libraries, HasSubstr("libc.so"));
  for (const std::string name : {"torch", "libc10", "libmpi", "libcuda", "nccl"})
    EXPECT_THAT(libraries, Not(HasSubstr(name)));
}

TEST(Program, StartsWithoutTheCodecsOfPictures) {
  EXPECT_THAT(run_shell("ldd " RETIME_PROGRAM).output, Not(HasSubstr("imgcodecs")));
}

}  // namespace
}  // namespace retime

#include "catalog/slurm_jobs.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "catalog/catalog_fixture.hpp"
#include "core/error.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// sbatch and squeue are scripts that note what they were asked.
class CatalogSlurm : public CatalogFixture {
 protected:
  void SetUp() override {
    former_path_ = std::getenv("PATH");
    fs::create_directories(folder_ / "bin");
    ::setenv("PATH", ((folder_ / "bin").string() + ":" + former_path_).c_str(), 1);
  }
  void TearDown() override { ::setenv("PATH", former_path_.c_str(), 1); }

  void make_program(const std::string& name, const std::string& body) {
    const auto file = folder_ / "bin" / name;
    test::write_bytes(file,
                      "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + (folder_ / (name + ".args")).string() + "\n" + body);
    fs::permissions(file, fs::perms::owner_all);
  }

  std::string former_path_;
};

TEST(CatalogArray, TasksAreWrittenAsRanges) {
  EXPECT_EQ(array_text({0, 1, 2, 5, 7, 8}, 3), "0-2,5,7-8%3");
  EXPECT_EQ(array_text({4}, 1), "4%1");
}

TEST_F(CatalogSlurm, SubmitsAnArrayAndRemembersIt) {
  const auto catalog = list_of({"a", "b", "c"});
  make_program("sbatch", "echo \"$RETIME_CATALOG|$RETIME_CATALOG_OUT|$RETIME_JOBS\" > " + (folder_ / "env").string() +
                             "\necho '42;cluster'\n");
  EXPECT_EQ(submit_job(catalog, out_, {0, 2}, {"/s/catalog.sbatch", 2, {"--time=5", "-p", "gpu"}}), "42");
  EXPECT_EQ(test::read_bytes(folder_ / "sbatch.args"),
            "--parsable\n--export=ALL\n--array=0,2%2\n--time=5\n-p\ngpu\n/s/catalog.sbatch\n");
  EXPECT_EQ(test::read_bytes(folder_ / "env"), (folder_ / "list.csv").string() + "|" + out_.string() + "|/s\n");

  make_program(
      "squeue",
      "echo 42_0 RUNNING None; echo 42_2 PENDING Nodes are DOWN; echo 42_9 PENDING; echo 7_0 RUNNING; echo nonsense");
  EXPECT_THAT(queued_videos(out_),
              ElementsAre(Pair("a", "job 42_0 RUNNING"), Pair("c", "job 42_2 PENDING (Nodes are DOWN)")));
  EXPECT_THAT(test::read_bytes(folder_ / "squeue.args"), HasSubstr("--jobs=42\n"));
  make_program("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >/dev/null; exit 1");
  EXPECT_THAT(queued_videos(out_), IsEmpty());
}

TEST_F(CatalogSlurm, TheSitesOwnScriptSubmitsWhereThereIsOne) {
  const auto catalog = list_of({"a"});
  make_program("submit.sh", "echo 43");
  EXPECT_EQ(submit_job(catalog, out_, {0}, {folder_ / "bin/catalog.sbatch", 2, {"--time=5"}}), "43");
  EXPECT_EQ(test::read_bytes(folder_ / "submit.sh.args"), "catalog\n" + out_.string() + "\n--array=0%2\n--time=5\n");
}

TEST_F(CatalogSlurm, RefusalsAreErrorsAndLeaveNoJob) {
  const auto catalog = list_of({"a"});
  make_program("sbatch", "exit 1");
  EXPECT_THAT(test::message_of<Error>([&] { submit_job(catalog, out_, {0}, {"/s", 1, {}}); }), HasSubstr("refused"));
  ::setenv("PATH", (folder_ / "empty").c_str(), 1);
  EXPECT_THAT(test::message_of<Error>([&] {
                submit_job(catalog, out_, {0}, {"/s", 1, {}});
              }),
              HasSubstr("cannot run sbatch"));
  EXPECT_FALSE(fs::exists(out_ / "catalog.json"));
  EXPECT_THAT(queued_videos(out_), IsEmpty());
}

}  // namespace
}  // namespace retime::catalog

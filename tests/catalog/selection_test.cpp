#include "catalog/selection.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "catalog/catalog_fixture.hpp"
#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

class Selection : public CatalogFixture {
 protected:
  void note(const Catalog& catalog, int index, VideoState state, int exit_code, const std::string& stamp = "") {
    const auto& entry = catalog.entries[static_cast<std::size_t>(index)];
    VideoStatus status;
    status.state = state;
    status.exit_code = exit_code;
    status.written = entry.written;
    status.stamp = stamp.empty() ? input_stamp(entry) : stamp;
    std::filesystem::create_directories(VideoFolder(out_, entry).path());
    VideoFolder(out_, entry).write(status);
    if (state == VideoState::kDone) test::write_bytes(VideoFolder(out_, entry).overview(), "picture");
  }
};

TEST_F(Selection, FailedOnesAreRetriedAlsoWhenMendedSince) {
  const auto catalog = list_of({"a", "b", "c", "d"});
  note(catalog, 0, VideoState::kDone, 0);
  note(catalog, 1, VideoState::kFailed, 1);
  note(catalog, 2, VideoState::kFailed, 1, "another clip");
  EXPECT_EQ(failed_entries(catalog, out_), (std::vector<int>{1, 2}));
  EXPECT_EQ(entries_to_submit(catalog, out_), (std::vector<int>{1, 2, 3}));
}

TEST_F(Selection, LinesAreThoseOfTheEntries) {
  const auto catalog = list_of({"a", "b", "c"});
  const auto lines = lines_of(look_at(catalog, out_, AskSlurm::kNo), {2, 0});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].entry->name, "c");
  EXPECT_EQ(lines[1].entry->name, "a");
}

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

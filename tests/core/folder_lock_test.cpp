#include "core/folder_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::AllOf;
using testing::HasSubstr;

TEST(FolderLockTest, HoldsAFolderForOneAtATime) {
  const test::TemporaryFolder folder;
  {
    const FolderLock lock(folder.path());
    EXPECT_THAT(message_of<Error>([&] { FolderLock second(folder.path()); }), HasSubstr("in use"));
  }
  EXPECT_NO_THROW(FolderLock(folder.path())) << "the lock outlived its holder";
  EXPECT_THROW(FolderLock(folder / "none"), Error);
}

TEST(FolderLockTest, EndsWithItsProcess) {
  const test::TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock lock(folder.path());
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_NO_THROW(FolderLock(folder.path()));
}

// A process that holds a folder, or the file that it makes, until it is killed.
template <class Lock>
class Holder {
 public:
  explicit Holder(const std::filesystem::path& path) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    process_ = ::fork();
    if (process_ == 0) {
      const Lock lock(path);
      [[maybe_unused]] const auto told = ::write(ready[1], "x", 1);
      for (;;) ::pause();
    }
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  void kill() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  pid_t process() const { return process_; }

 private:
  pid_t process_;
};

void expect_refused_while_it_lives(const std::filesystem::path& folder) {
  Holder<FolderLock> holder(folder);
  EXPECT_THAT(message_of<Error>([&] { FolderLock second(folder); }),
              AllOf(HasSubstr("in use"), HasSubstr("process " + std::to_string(holder.process()))));
  holder.kill();
  EXPECT_NO_THROW(FolderLock{folder}) << "a killed holder leaves no lock behind";
}

TEST(FolderLockTest, NamesAHolderAndOutlivesNone) {
  const test::TemporaryFolder folder;
  expect_refused_while_it_lives(folder.path());
}

TEST(FolderLockTest, WithoutLocksOfTheFileSystemTheNoteCounts) {
  const test::TemporaryFolder folder;
  ::setenv("RETIME_FAULT_POINT", "lock.unsupported", 1);
  expect_refused_while_it_lives(folder.path());
  test::write_bytes(folder / ".lock", "another-node 1 77\n");
  EXPECT_NO_THROW(FolderLock{folder.path()}) << "whether it lives cannot be known";
  test::write_bytes(folder / ".lock", "not a note");
  EXPECT_NO_THROW(FolderLock{folder.path()});
  ::unsetenv("RETIME_FAULT_POINT");
}

TEST(OutputLockTest, KeepsAFileToOneAtATimeAndLeavesNothing) {
  const test::TemporaryFolder folder;
  {
    const OutputLock lock(folder / "scene.h5"), other(folder / "another.h5");
    EXPECT_THAT(message_of<Error>([&] { OutputLock second(folder / "scene.h5"); }),
                AllOf(HasSubstr("scene.h5 is being written (process"), HasSubstr("name another file")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_NO_THROW(OutputLock(folder / "scene.h5"));
  EXPECT_THAT(message_of<Error>([&] { OutputLock(folder / "none" / "scene.h5"); }), HasSubstr("No such file"));
}

TEST(OutputLockTest, EndsWithItsProcess) {
  const test::TemporaryFolder folder;
  Holder<OutputLock> holder(folder / "scene.h5");
  EXPECT_THAT(message_of<Error>([&] { OutputLock second(folder / "scene.h5"); }),
              HasSubstr("process " + std::to_string(holder.process())));
  holder.kill();
  EXPECT_NO_THROW(OutputLock(folder / "scene.h5"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace retime

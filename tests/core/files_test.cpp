#include "core/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "core/error.hpp"
#include "core/process.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::HasSubstr;

// A folder in which not even the superuser can make anything.
constexpr const char* kUnwritable = "/proc/retime";

TEST(Files, TextFileIsWrittenWholeAndReplacesTheOlderOne) {
  const test::TemporaryFolder folder;
  write_text_file(folder / "a.txt", "first, and longer");
  write_text_file(folder / "a.txt", "second\n");
  EXPECT_EQ(test::read_bytes(folder / "a.txt"), "second\n");
  EXPECT_EQ(folder.entries(), 1);
}

TEST(Files, FailedWriteIsToldAndLeavesNothing) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(message_of<Error>([&] { write_text_file(folder / "no" / "a.txt", "x"); }),
              testing::AllOf(HasSubstr("a.txt"), HasSubstr("No such file")));
  std::filesystem::create_directories(folder / "taken" / "inside");
  EXPECT_THROW(write_text_file(folder / "taken", "x"), Error);
  EXPECT_EQ(folder.entries(), 1) << "the temporary file is still there";
}

TEST(Files, TextFileOnAFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const test::TemporaryFolder folder;
  const auto temporary = temporary_name(folder / "a.txt");
  std::filesystem::create_symlink("/dev/full", temporary);
  EXPECT_THAT(message_of<Error>([&] { write_text_file(folder / "a.txt", std::string(100, 'x')); }),
              HasSubstr("No space left"));
  EXPECT_EQ(folder.entries(), 0);
}

TEST(Files, TemporaryNameIsHiddenAndBesideTheFile) {
  EXPECT_EQ(temporary_name("/a/b/c.h5").parent_path(), "/a/b");
  EXPECT_TRUE(temporary_name("/a/b/c.h5").filename().string().starts_with(".c.h5"));
  EXPECT_EQ(temporary_name("c.h5").parent_path(), ".");
}

TEST(Files, MakeFolderMakesParentsAndAcceptsWhatIsThere) {
  const test::TemporaryFolder folder;
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/c");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
}

TEST(Files, MakeFolderRefusesAFileInTheWay) {
  const test::TemporaryFolder folder;
  write_text_file(folder / "file", "x");
  EXPECT_THAT(message_of<Error>([&] { make_folder(folder / "file"); }), HasSubstr("Not a directory"));
  EXPECT_THAT(message_of<Error>([&] { make_folder(folder / "file" / "below"); }), HasSubstr("cannot create"));
}

TEST(Files, UnwritablePlacesAreRefused) {
  EXPECT_THROW(make_folder(kUnwritable), Error);
  EXPECT_THROW(check_writable(std::filesystem::path(kUnwritable) / "file.h5"), Error);
  if (::geteuid() == 0) return;  // the superuser writes everywhere else
  const test::TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  EXPECT_THAT(message_of<Error>([&] { make_folder(folder.path()); }), HasSubstr("Permission denied"));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST(Files, CheckWritableWantsAFileAndMakesItsFolder) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(message_of<Error>([&] { check_writable(folder.path()); }), HasSubstr("it is a folder"));
  check_writable(folder / "new/file.h5");
  EXPECT_THAT(message_of<Error>([&] { check_writable("/dev/null"); }), HasSubstr("not a regular file"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "new"));
  EXPECT_FALSE(std::filesystem::exists(folder / "new/file.h5"));
}

TEST(Files, FingerprintDependsOnSizeBeginningAndEnd) {
  const test::TemporaryFolder folder;
  const auto fingerprint = [&](const std::string& bytes) {
    test::write_bytes(folder / "f", bytes);
    return fingerprint_of(folder / "f");
  };
  const std::string large(3 << 20, 'a');
  auto changed_first = large, changed_last = large;
  changed_first.front() = 'b';
  changed_last.back() = 'b';
  EXPECT_EQ(fingerprint(large), fingerprint(large));
  EXPECT_NE(fingerprint(large), fingerprint(changed_first));
  EXPECT_NE(fingerprint(large), fingerprint(changed_last));
  EXPECT_NE(fingerprint(large), fingerprint(large + "a"));
  EXPECT_NE(fingerprint(""), fingerprint("a"));
  EXPECT_EQ(fingerprint("retime").size(), 16U);
  EXPECT_THROW(fingerprint_of(folder / "none"), Error);
}

TEST(Files, FingerprintOfAFolderDependsOnNamesSizesAndTimes) {
  const test::TemporaryFolder folder;
  const auto masks = folder / "masks";
  std::filesystem::create_directories(masks / "anna");
  test::write_bytes(masks / "anna" / "1.png", "x");
  const auto first = fingerprint_of(masks);
  EXPECT_EQ(fingerprint_of(masks), first);
  std::filesystem::last_write_time(masks / "anna" / "1.png",
                                   std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  const auto touched = fingerprint_of(masks);
  EXPECT_NE(touched, first);
  test::write_bytes(masks / "2.png", "");
  EXPECT_NE(fingerprint_of(masks), touched);
}

TEST(Files, TemporariesOfDeadProcessesAreRemoved) {
  const test::TemporaryFolder folder;
  const auto path = folder / "a.h5";
  const auto own = temporary_name(path);
  const std::string prefix = own.string().substr(0, own.string().rfind('-') + 1);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  test::write_bytes(own, "of this process");
  test::write_bytes(prefix + "1", "of a process that lives");
  test::write_bytes(prefix + std::to_string(child), "of a process that is gone");
  test::write_bytes(folder / "a.h5.tmp", "of the user");
  test::write_bytes(prefix + std::to_string(child) + "-old", "what was to be replaced");
  remove_stale_temporaries(path);
  EXPECT_EQ(folder.entries(), 4);
  EXPECT_FALSE(std::filesystem::exists(prefix + std::to_string(child)));

  std::filesystem::create_directories(prefix + std::to_string(child) + "/truth");
  remove_stale_temporaries(path);
  EXPECT_EQ(folder.entries(), 4) << "a folder that was to be made";

  test::write_bytes(path, "what took its place");
  remove_stale_temporaries(path);
  EXPECT_FALSE(std::filesystem::exists(prefix + std::to_string(child) + "-old"));
}

TEST(Files, TemporariesOfAnotherContainerStay) {
  const test::TemporaryFolder folder;
  const auto path = folder / "a.h5";
  const std::string own = temporary_name(path).string(), place = process_place();
  ASSERT_NE(own.find(place), std::string::npos);
  ASSERT_FALSE(process_namespace().empty());
  // The same host name, another numbering, in which this number may be somebody's.
  const std::string host = place.substr(0, place.rfind('-'));
  std::string foreign = own;
  foreign.replace(foreign.find(place), place.size(), host + "-1");
  foreign = foreign.substr(0, foreign.rfind('-') + 1) + "999999999";
  test::write_bytes(foreign, "of a process that lives elsewhere");
  remove_stale_temporaries(path);
  EXPECT_TRUE(std::filesystem::exists(foreign));
}

TEST(Files, TextIsAppended) {
  const test::TemporaryFolder folder;
  append_to_file(folder / "a.txt", "first\n");
  append_to_file(folder / "a.txt", "second\n");
  EXPECT_EQ(test::read_bytes(folder / "a.txt"), "first\nsecond\n");
  EXPECT_THAT(message_of<Error>([] { append_to_file("/dev/full", "x"); }), HasSubstr("No space left"));
  EXPECT_THAT(message_of<Error>([&] { append_to_file(folder / "none/a.txt", "x"); }), HasSubstr("none/a.txt"));
}

}  // namespace
}  // namespace retime

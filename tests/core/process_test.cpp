#include "core/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/folder_lock.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using ::testing::HasSubstr;

// Long enough for any machine; tests that succeed never wait so long.
constexpr int kPatience_s = 60;

template <class Condition>
bool comes_true(Condition&& condition) {
  for (int i = 0; i < kPatience_s * 50; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

int end_of(ChildProcess& child) {
  comes_true([&] { return child.poll().has_value(); });
  return child.poll().value_or(-1);
}

ChildCommand shell(const std::string& text, const std::filesystem::path& output = {}) {
  return {{"sh", "-c", text}, {}, output};
}

TEST(ChildProcessTest, AppendsItsOutputAndTellsItsExitCode) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "log", "before\n");
  ChildProcess child(shell("echo out; echo err >&2; read x || echo no input; exit 7", folder / "log"));
  const int status = end_of(child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(test::read_bytes(folder / "log"), "before\nout\nerr\nno input\n");
}

TEST(ChildProcessTest, ChangesTheEnvironment) {
  ::setenv("RETIME_TEST_GONE", "1", 1);
  const auto run = run_captured({"sh", "-c", "echo $RETIME_TEST_NEW${RETIME_TEST_GONE-gone}"},
                                {{"RETIME_TEST_NEW", "a b,"}, {"RETIME_TEST_GONE", std::nullopt}});
  EXPECT_EQ(run.output, "a b,gone\n");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run_captured({"sh", "-c", "exit 3"}).exit_code, 3);
  EXPECT_EQ(run_captured({"sh", "-c", "kill -KILL $$"}).exit_code, 137);
}

TEST(ChildProcessTest, AMissingProgramIsAnError) {
  EXPECT_THAT(test::message_of<Error>([] {
                ChildProcess child({{"no_such_program"}, {}, {}});
              }),
              HasSubstr("cannot run no_such_program (No such file"));
}

TEST(ChildProcessTest, GetsSignalsThoughTheParentKeepsItsOwnBack) {
  const test::TemporaryFolder folder;
  const SignalInbox inbox;
  ChildProcess child(
      shell("trap 'echo saved; exit 75' TERM; echo ready; while :; do sleep 0.05; done", folder / "log"));
  ASSERT_TRUE(comes_true([&] { return test::read_bytes(folder / "log") == "ready\n"; }));
  child.send(SIGTERM);
  EXPECT_EQ(WEXITSTATUS(end_of(child)), 75);
  EXPECT_EQ(test::read_bytes(folder / "log"), "ready\nsaved\n");
}

TEST(ChildProcessTest, IsAskedToEndWhenItsParentIsKilled) {
  const test::TemporaryFolder folder;
  const pid_t parent = ::fork();
  if (parent == 0) {
    ChildProcess child(
        shell("trap 'echo saved; exit 75' TERM; echo ready; while :; do sleep 0.05; done", folder / "log"));
    comes_true([&] { return test::read_bytes(folder / "log") == "ready\n"; });
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  EXPECT_TRUE(comes_true([&] { return test::read_bytes(folder / "log") == "ready\nsaved\n"; }));
}

TEST(ChildProcessTest, HoldsAnInheritedLock) {
  const test::TemporaryFolder folder;
  auto lock = std::make_unique<FolderLock>(folder.path());
  ChildCommand command = shell("exec sleep 100");
  command.inherited = {lock->descriptor()};
  ChildProcess child(command);
  lock.reset();
  EXPECT_TRUE(is_folder_locked(folder.path()));
  child.send(SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(end_of(child)));
  EXPECT_TRUE(comes_true([&] { return !is_folder_locked(folder.path()); }));
}

TEST(SignalInboxTest, SignalsWaitThere) {
  SignalInbox inbox;
  EXPECT_EQ(inbox.wait(0), 0);
  ::raise(SIGUSR2);
  EXPECT_EQ(inbox.wait(kPatience_s), SIGUSR2);
  EXPECT_EQ(inbox.wait(0), 0);
  ChildProcess child(shell("exit 0"));
  EXPECT_EQ(inbox.wait(kPatience_s), SIGCHLD) << "the end of a child wakes it";
}

}  // namespace
}  // namespace retime

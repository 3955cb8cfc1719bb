#include "dist/watch/local_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace retime {
namespace {

int start_sleeper() {
  const int pid = ::fork();
  if (pid == 0) {
    for (;;) ::pause();
  }
  return pid;
}

TEST(LocalProcess, TellsRunningStoppedAndEnded) {
  const int pid = start_sleeper();
  const LocalProcess process = local_process(pid);
  EXPECT_TRUE(is_running(process));
  EXPECT_FALSE(is_stopped(process));
  ::kill(pid, SIGSTOP);
  ::waitpid(pid, nullptr, WUNTRACED);
  EXPECT_TRUE(is_stopped(process));
  EXPECT_TRUE(is_running(process));
  kill_process(process);
  siginfo_t info;
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
  EXPECT_FALSE(is_running(process)) << "nobody has asked for its exit code yet";
  ::waitpid(pid, nullptr, 0);
  EXPECT_FALSE(is_running(process));
}

TEST(LocalProcess, AnotherWithTheSameNumberIsNotTheSame) {
  LocalProcess self = local_process(::getpid());
  EXPECT_TRUE(is_running(self));
  ++self.start_ticks;
  EXPECT_FALSE(is_running(self));
}

TEST(LocalProcess, LauncherIsAnAncestor) {
  const LocalProcess launcher = find_launcher();
  EXPECT_GE(launcher.pid, 1);
  EXPECT_TRUE(is_running(launcher));
}

}  // namespace
}  // namespace retime

#include "core/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string_view>

#include "core/error.hpp"

// By hand: no library starts a program with files handed down and with SIGTERM at the death of its parent.
extern char** environ;

namespace retime {
namespace {

// What exec wants, made before the fork: a child may not allocate.
class ExecArguments {
 public:
  explicit ExecArguments(const ChildCommand& command) : arguments_(command.arguments) {
    for (char** entry = environ; *entry; ++entry) {
      const std::string text = *entry;
      if (!command.environment.contains(text.substr(0, text.find('=')))) environment_.push_back(text);
    }
    for (const auto& [name, value] : command.environment)
      if (value) environment_.push_back(name + "=" + *value);
    for (auto& text : arguments_) argv_.push_back(text.data());
    for (auto& text : environment_) envp_.push_back(text.data());
    argv_.push_back(nullptr);
    envp_.push_back(nullptr);
  }
  char** argv() { return argv_.data(); }
  char** envp() { return envp_.data(); }

 private:
  std::vector<std::string> arguments_, environment_;
  std::vector<char*> argv_, envp_;
};

// An open file that is closed at the end of its scope.
struct ScopedFile {
  explicit ScopedFile(int descriptor) : number(descriptor) {}
  ~ScopedFile() {
    if (number >= 0) ::close(number);
  }
  ScopedFile(const ScopedFile&) = delete;
  ScopedFile& operator=(const ScopedFile&) = delete;
  int number;
};

struct Streams {
  int output = -1, error = -1;  ///< negative: as the parent
};

// In the child, between fork and exec: calls that are safe for signals only.
[[noreturn]] void become(ExecArguments& exec, const Streams& streams, const std::vector<int>& inherited, pid_t parent,
                         int report) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(128 + SIGTERM);  // It died before it could be watched.
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  if (streams.output >= 0) ::dup2(streams.output, STDOUT_FILENO);
  if (streams.error >= 0) ::dup2(streams.error, STDERR_FILENO);
  for (const int file : inherited) ::fcntl(file, F_SETFD, 0);
  ::execvpe(exec.argv()[0], exec.argv(), exec.envp());
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

pid_t start(const ChildCommand& command, const Streams& streams) {
  ExecArguments exec(command);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw Error(std::string("cannot start a process (") + std::strerror(errno) + "): close other programs");
  const ScopedFile reading(pipe[0]);
  pid_t pid = -1;
  {
    const ScopedFile writing(pipe[1]);
    const pid_t parent = ::getpid();
    pid = ::fork();
    if (pid == 0) become(exec, streams, command.inherited, parent, writing.number);
    if (pid < 0)
      throw Error(std::string("cannot start a process (") + std::strerror(errno) + "): close other programs");
  }
  int error = 0;
  if (::read(reading.number, &error, sizeof error) == static_cast<ssize_t>(sizeof error)) {
    ::waitpid(pid, nullptr, 0);
    throw Error("cannot run " + command.arguments.at(0) + " (" + std::strerror(error) +
                "): check that it is installed");
  }
  return pid;
}

int wait_for_end(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

std::atomic<int> inbox{-1};  // where the handler writes
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void put_into_inbox(int signal_number) {
  const int error = errno;
  const auto number = static_cast<unsigned char>(signal_number);
  [[maybe_unused]] const auto written = ::write(inbox.load(), &number, 1);
  errno = error;
}

}  // namespace

ChildProcess::ChildProcess(const ChildCommand& command) {
  if (command.output.empty()) {
    pid_ = start(command, {});
    return;
  }
  const ScopedFile output(::open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (output.number < 0)
    throw Error("cannot write " + command.output.string() + " (" + std::strerror(errno) +
                "): check the folder and its rights");
  pid_ = start(command, {output.number, output.number});
}

ChildProcess::~ChildProcess() {
  if (!poll()) send(SIGTERM);
}

std::optional<int> ChildProcess::poll() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

int ChildProcess::wait() {
  if (!status_) status_ = wait_for_end(pid_);
  return exit_code_of(*status_);
}

void ChildProcess::send(int signal_number) noexcept {
  if (!status_) ::kill(pid_, signal_number);
}

CapturedRun run_captured(const std::vector<std::string>& arguments,
                         const std::map<std::string, std::optional<std::string>>& environment, ErrorStream errors) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw Error(std::string("cannot start a process (") + std::strerror(errno) + "): close other programs");
  const ScopedFile reading(pipe[0]);
  pid_t pid = -1;
  {
    const ScopedFile writing(pipe[1]);
    const ScopedFile nowhere(errors == ErrorStream::kDropped ? ::open("/dev/null", O_WRONLY | O_CLOEXEC) : -1);
    pid = start({arguments, environment, {}}, {writing.number, nowhere.number});
  }
  CapturedRun result;
  std::array<char, 4096> part{};
  for (ssize_t count = 0; (count = ::read(reading.number, part.data(), part.size())) != 0;) {
    if (count < 0 && errno != EINTR) break;
    if (count > 0) result.output.append(part.data(), static_cast<std::size_t>(count));
  }
  result.exit_code = exit_code_of(wait_for_end(pid));
  return result;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), HOST_NAME_MAX) == 0 ? name.data() : "localhost";
}

std::string process_namespace() {
  std::array<char, 64> text{};  // "pid:[4026531836]"
  const auto length = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  if (length <= 0) return {};
  const std::string_view link(text.data(), static_cast<std::size_t>(length));
  const auto open = link.find('['), close = link.find(']');
  if (open == link.npos || close == link.npos) return {};
  return std::string(link.substr(open + 1, close - open - 1));
}

std::string process_place() {
  const std::string numbering = process_namespace();
  return numbering.empty() ? "" : host_name() + "-" + numbering;
}

// By hand: a handler that writes a byte to a pipe is all that is needed; an event loop library would bring its own.
SignalInbox::SignalInbox() {
  if (inbox.load() >= 0) throw Error("a second SignalInbox was made (signal handlers exist once): share the first");
  if (::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw Error(std::string("cannot make a pipe (") + std::strerror(errno) + "): close other programs");
  inbox = pipe_[1];
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = put_into_inbox;
    action.sa_flags = SA_RESTART;
    ::sigaction(kSignals[i], &action, &former_[i]);
  }
}

SignalInbox::~SignalInbox() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &former_[i], nullptr);
  inbox = -1;
  for (const int end : pipe_) ::close(end);
}

int SignalInbox::wait(double seconds) {
  pollfd reading{pipe_[0], POLLIN, 0};
  unsigned char number = 0;
  // A signal that interrupts the wait has put itself into the pipe.
  if (::poll(&reading, 1, static_cast<int>(seconds * 1000)) == 0) return 0;
  return ::read(pipe_[0], &number, 1) == 1 ? number : 0;
}

}  // namespace retime

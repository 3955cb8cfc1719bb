#include "core/signal_inbox.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/error.hpp"

// By hand: a handler that writes a byte to a pipe is all that is needed; an event loop library would bring its own.
namespace retime {
namespace {

std::atomic<int> inbox{-1};  // where the handler writes
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void put_into_inbox(int signal_number) {
  const int error = errno;
  const auto number = static_cast<unsigned char>(signal_number);
  [[maybe_unused]] const auto written = ::write(inbox.load(), &number, 1);
  errno = error;
}

}  // namespace

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

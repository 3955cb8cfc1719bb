#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "dist/communicator.hpp"

namespace retime {

/// Messages of bytes from rank to rank, apart from all other traffic. Memory is bounded on both sides: a message leaves
/// its sender when the receiver takes it, and a sender holds a limited number. Waiting leaves the core to others.
class ByteChannel {
 public:
  /// `most_under_way`: messages that this rank may have sent and nobody has taken. This call is MPI collective.
  ByteChannel(const Communicator& communicator, std::size_t most_under_way);
  /// Waits until everything that was sent has been taken, unless an exception passes by.
  ~ByteChannel();
  ByteChannel(const ByteChannel&) = delete;
  ByteChannel& operator=(const ByteChannel&) = delete;

  /// Sends a copy of up to 2 GiB to rank `target`. Waits while too many messages are under way.
  void send(int target, int tag, std::span<const std::uint8_t> bytes);
  /// Waits for the next message of rank `source`, in the order of sending, and returns its tag.
  int receive(int source, std::vector<std::uint8_t>& bytes);
  /// Waits until everything that was sent has been taken.
  void flush();

 private:
  struct Message;
  void wait_for_room(std::size_t most);

  std::unique_ptr<MpiComm> comm_;
  std::size_t most_under_way_;
  std::deque<std::unique_ptr<Message>> under_way_;
};

}  // namespace retime
